import { byteLength, type ClassEvent, type SessionAck } from "@cell-monitor/protocol";
import type { QueuedEvent, QueueStore } from "./queue-store.ts";

/** An event before the queue gives it an identity. */
export type EventDraft = Omit<ClassEvent, "eventId" | "eventTime" | "sessionId" | "sequence"> & {
  /** ISO 8601; now where it is absent. */
  readonly eventTime?: string;
};

export interface QueueBounds {
  readonly maxEvents: number;
  readonly maxBytes: number;
}

// A lesson's events fit many times over; far below the gap at which a server refuses a number.
export const defaultBounds: QueueBounds = { maxEvents: 5_000, maxBytes: 8 * 1024 * 1024 };

export interface EventQueueOptions {
  readonly sessionId: string;
  readonly store: QueueStore;
  readonly now: () => number;
  readonly newId: () => string;
  readonly bounds?: QueueBounds;
}

/**
 * A session's events, numbered 1, 2, 3 …, from the moment they happen until the server has them. When the bounds
 * are reached the oldest go, and a numbered `events_lost` says which: nothing disappears unsaid.
 */
export class EventQueue {
  readonly sessionId: string;
  readonly #store: QueueStore;
  readonly #now: () => number;
  readonly #newId: () => string;
  readonly #bounds: QueueBounds;
  #lastSequence = 0;
  #lost = 0;
  /** Ids of held events that are on their way. */
  readonly #inFlight = new Set<string>();
  /** The server's fullest account of this session so far. */
  #account: SessionAck;

  constructor(options: EventQueueOptions) {
    this.sessionId = options.sessionId;
    this.#store = options.store;
    this.#now = options.now;
    this.#newId = options.newId;
    this.#bounds = options.bounds ?? defaultBounds;
    this.#account = { sessionId: this.sessionId, through: 0, missing: [] };
  }

  get size(): number {
    return this.#store.size;
  }

  /** How many of them are not on their way. */
  get waiting(): number {
    return this.#store.size - this.#inFlight.size;
  }

  /** The number of the last event of this session. */
  get lastSequence(): number {
    return this.#lastSequence;
  }

  /** How many events had to be given up. */
  get lost(): number {
    return this.#lost;
  }

  add(draft: EventDraft): QueuedEvent {
    const queued = this.#number(draft);
    this.#store.add(queued);
    this.#keepBounds();
    return queued;
  }

  /** An event that has no number, is never kept, and only counts while it is fresh. */
  unnumbered(draft: EventDraft): QueuedEvent {
    return queuedOf({ ...this.#identified(draft), sessionId: this.sessionId });
  }

  /**
   * The oldest events that are not on their way, declared losses first, that fit; one event at least, however big it
   * is. They are on their way from now on, until released: what may have arrived is not given up for want of room.
   */
  take(maxEvents: number, maxBytes: number): readonly QueuedEvent[] {
    const taken: QueuedEvent[] = [];
    let bytes = 0;
    for (const queued of this.#store.oldestFirst()) {
      if (this.#inFlight.has(queued.event.eventId)) continue;
      if (taken.length >= maxEvents || (taken.length > 0 && bytes + queued.bytes > maxBytes)) break;
      taken.push(queued);
      bytes += queued.bytes;
    }
    for (const { event } of taken) this.#inFlight.add(event.eventId);
    return taken;
  }

  /** They are not on their way any more. Whether any of them has left the queue since. */
  release(events: readonly QueuedEvent[]): boolean {
    return events.filter(({ event }) => this.#inFlight.delete(event.eventId)).length < events.length;
  }

  /**
   * What fits of the queue, on its way or not, when nothing can be sent later. The newest event says how the session
   * ended, so it goes even where the oldest leave no room for all.
   */
  lastWords(maxEvents: number, maxBytes: number): readonly QueuedEvent[] {
    const all = [...this.#store.oldestFirst()];
    const newest = all.pop();
    if (!newest) return [];
    let roomBytes = maxBytes - newest.bytes;
    const oldest: QueuedEvent[] = [];
    for (const queued of all) {
      roomBytes -= queued.bytes;
      if (roomBytes < 0 || oldest.length >= maxEvents - 1) break;
      oldest.push(queued);
    }
    return [...oldest, newest];
  }

  /** Forgets what the server has, and declares gone what it misses and nobody can send. */
  acknowledge(acks: readonly SessionAck[]): void {
    const held = new Map<string, Set<number>>();
    for (const ack of acks) {
      const sequences = new Set<number>();
      const received: QueuedEvent[] = [];
      for (const queued of this.#store.oldestFirst()) {
        const { sessionId, sequence } = queued.event;
        if (sessionId !== ack.sessionId || sequence === undefined) continue;
        if (hasReceived(ack, sequence)) received.push(queued);
        else sequences.add(sequence);
      }
      this.#remove(received);
      held.set(ack.sessionId, sequences);
    }
    const own = acks.find((ack) => ack.sessionId === this.sessionId);
    if (own) this.#declareMissing(own, held.get(own.sessionId) ?? new Set());
  }

  /** Gives up on events that can never be taken, and says so. */
  giveUp(events: readonly QueuedEvent[], reason: string): void {
    this.#remove(events);
    // The loss of another session can only be told in that session, which is over.
    const own = events.filter(({ event }) => event.sessionId === this.sessionId);
    const sequences = own.flatMap(({ event }) => event.sequence ?? []);
    this.#lost += sequences.length;
    for (const [from, to] of rangesOf(sequences)) this.#declareLost(from, to, reason);
  }

  /** Drops events the server has refused for good: it counts them as received. */
  drop(events: readonly QueuedEvent[]): void {
    this.#remove(events);
  }

  #remove(events: readonly QueuedEvent[]): void {
    this.#store.remove(events);
    for (const { event } of events) this.#inFlight.delete(event.eventId);
  }

  #identified(draft: EventDraft): ClassEvent {
    return {
      eventTime: new Date(this.#now()).toISOString(),
      ...draft,
      eventId: this.#newId(),
    };
  }

  #number(draft: EventDraft): QueuedEvent {
    this.#lastSequence += 1;
    return queuedOf({ ...this.#identified(draft), sessionId: this.sessionId, sequence: this.#lastSequence });
  }

  #keepBounds(): void {
    const { maxEvents, maxBytes } = this.#bounds;
    if (this.#store.size <= maxEvents && this.#store.bytes <= maxBytes) return;
    const given: QueuedEvent[] = [];
    let bytes = this.#store.bytes;
    // A tenth at a time, so that a full queue doesn't search for its oldest at every event.
    const roomEvents = Math.floor(maxEvents * 0.9);
    for (const queued of this.#store.oldestFirst()) {
      if (this.#store.size - given.length <= roomEvents && bytes <= maxBytes * 0.9) break;
      if (isLoss(queued) || this.#inFlight.has(queued.event.eventId)) continue;
      given.push(queued);
      bytes -= queued.bytes;
    }
    this.giveUp(given, "queue_full");
  }

  #declareMissing(ack: SessionAck, held: ReadonlySet<number>): void {
    const gone: number[] = [];
    for (const [from, to] of ack.missing) {
      for (let sequence = from; sequence <= Math.min(to, this.#lastSequence); sequence += 1) {
        const isKnown = held.has(sequence) || this.#isDeclared(sequence);
        // What came by another way may have been acknowledged before an account that is older arrives.
        if (!isKnown && !hasReceived(this.#account, sequence)) gone.push(sequence);
      }
    }
    if (receivedOf(ack) > receivedOf(this.#account)) this.#account = ack;
    for (const [from, to] of rangesOf(gone)) this.#declareLost(from, to, "not_kept");
  }

  #isDeclared(sequence: number): boolean {
    for (const { event } of this.#store.losses()) {
      const { from = 0, to = 0 } = event;
      if (event.sessionId === this.sessionId && from <= sequence && sequence <= to) return true;
    }
    return false;
  }

  #declareLost(from: number, to: number, reason: string): void {
    for (const loss of this.#store.losses()) {
      const { event } = loss;
      if (event.to !== from - 1 || event.sessionId !== this.sessionId) continue;
      if (this.#inFlight.has(event.eventId) || event.reason !== reason) continue;
      this.#store.replace(loss, queuedOf({ ...event, to }));
      return;
    }
    this.#store.add(this.#number({ eventType: "events_lost", from, to, reason }));
  }
}

function isLoss({ event }: QueuedEvent): boolean {
  return event.eventType === "events_lost";
}

/** Ascending numbers as inclusive ranges. */
function rangesOf(numbers: readonly number[]): [from: number, to: number][] {
  const ranges: [number, number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last && last[1] === number - 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges;
}

function hasReceived(ack: SessionAck, sequence: number): boolean {
  return sequence <= ack.through && !ack.missing.some(([from, to]) => from <= sequence && sequence <= to);
}

function receivedOf({ through, missing }: SessionAck): number {
  return missing.reduce((sum, [from, to]) => sum - (to - from + 1), through);
}

function queuedOf(event: ClassEvent): QueuedEvent {
  const json = JSON.stringify(event);
  return { event, json, bytes: byteLength(json) + 1 };
}
