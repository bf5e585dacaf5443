import type { ClassEvent } from "@cell-monitor/protocol";

/** An event with the JSON it is sent as, made once. */
export interface QueuedEvent {
  readonly event: ClassEvent;
  readonly json: string;
  readonly bytes: number;
}

/**
 * Holds the events that are not acknowledged yet. Synchronous: a store that outlives the page answers from
 * memory and writes behind.
 */
export interface QueueStore {
  readonly size: number;
  readonly bytes: number;
  add(queued: QueuedEvent): void;
  /** Puts another event in the place of one that is held. */
  replace(held: QueuedEvent, by: QueuedEvent): void;
  remove(events: readonly QueuedEvent[]): void;
  /** Declared losses (`events_lost`): they let the server take the numbers behind them, so they go first. */
  losses(): Iterable<QueuedEvent>;
  /** Losses, then all others in the order they were added. */
  oldestFirst(): Iterable<QueuedEvent>;
}

/** Holds events for as long as the page lives. */
export class MemoryStore implements QueueStore {
  // By event id; a Map keeps the order of insertion through deletions and replacements.
  readonly #losses = new Map<string, QueuedEvent>();
  readonly #others = new Map<string, QueuedEvent>();
  #bytes = 0;

  get size(): number {
    return this.#losses.size + this.#others.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(queued: QueuedEvent): void {
    this.#partOf(queued).set(queued.event.eventId, queued);
    this.#bytes += queued.bytes;
  }

  replace(held: QueuedEvent, by: QueuedEvent): void {
    this.#partOf(held).set(held.event.eventId, by);
    this.#bytes += by.bytes - held.bytes;
  }

  remove(events: readonly QueuedEvent[]): void {
    for (const queued of events) {
      const part = this.#partOf(queued);
      const held = part.get(queued.event.eventId);
      if (held && part.delete(queued.event.eventId)) this.#bytes -= held.bytes;
    }
  }

  losses(): Iterable<QueuedEvent> {
    return this.#losses.values();
  }

  *oldestFirst(): Iterable<QueuedEvent> {
    yield* this.#losses.values();
    yield* this.#others.values();
  }

  #partOf({ event }: QueuedEvent): Map<string, QueuedEvent> {
    return event.eventType === "events_lost" ? this.#losses : this.#others;
  }
}
