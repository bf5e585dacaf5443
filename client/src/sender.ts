import { type EventsAnswer, limits, type Rejection } from "@cell-monitor/protocol";
import { baseUrlOf, type Credentials } from "./credentials.ts";
import { type EventDraft, EventQueue } from "./event-queue.ts";
import { type Platform, systemPlatform } from "./platform.ts";
import { envelopeOf, headersOf, postEvents, type PostOutcome } from "./post.ts";
import { MemoryStore, type QueuedEvent } from "./queue-store.ts";

/** What a sender is about, for whoever shows it. */
export interface SenderState {
  /** `connected` until shown otherwise; `waiting` for a server that will be asked again; `refused` by it. */
  readonly link: "connected" | "waiting" | "refused";
  readonly unsent: number;
  readonly lost: number;
}

/** Something a person has to see to: the server answers, and doesn't take what is sent. */
export interface SenderFault {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

export interface SenderOptions {
  readonly server: string;
  readonly credentials: Credentials;
  /** Its bounds and store may be the caller's; a queue in memory where it is absent. */
  readonly queue?: EventQueue;
  readonly platform?: Platform;
  /** Events that the server refused for good, each with its reason. */
  readonly onRejected?: (rejections: readonly Rejection[]) => void;
  readonly onFault?: (fault: SenderFault) => void;
  readonly onNotifications?: (notifications: EventsAnswer["notifications"]) => void;
  readonly onState?: (state: SenderState) => void;
}

const lingerMs = 100;
const firstBackoffMs = 1_000;
const longestBackoffMs = 60_000;
const longestRetryAfterMs = 60 * 60_000;
/** What the envelope takes of a body, generously. */
const envelopeBytes = 1024;
const bodyBytes = limits.batchBytes - envelopeBytes;
/** Browsers refuse keepalive requests above 64 KiB, headers included. */
const keepaliveBytes = 60 * 1024;
/** How often a single event may be answered with a fault before it is given up. */
const faultsOfOneEvent = 3;

const urgentTypes: ReadonlySet<string> = new Set(["help", "help_stop", "cell_execution_error"]);

/**
 * Sends a session's events, in batches, one request at a time, until the server has acknowledged each. Starts no
 * timer while there is nothing to send.
 */
export class Sender {
  readonly queue: EventQueue;
  readonly #options: SenderOptions;
  readonly #platform: Platform;
  readonly #url: string;
  readonly #closed = new AbortController();
  #link: SenderState["link"] = "connected";
  /** The un-numbered event that goes with the next batch; only the latest counts. */
  #repeat: QueuedEvent | undefined;
  #isSending = false;
  #isUrgent = false;
  #timer: { readonly dueMs: number; readonly cancel: () => void } | undefined;
  /** Nothing is sent before this time, */
  #notBeforeMs = 0;
  /** nor, even when there is a reason to hope, before the server said. */
  #earliestMs = 0;
  #failures = 0;
  #faults = 0;
  #batchEvents: number = limits.batchEvents;
  #mayCompress = true;
  #hasRenewed = false;
  #idle: (() => void)[] = [];

  constructor(options: SenderOptions) {
    const platform = options.platform ?? systemPlatform;
    this.#options = options;
    this.#platform = platform;
    this.#url = `${baseUrlOf(options.server)}/api/v1/events`;
    const { now, newId } = platform;
    this.queue =
      options.queue ?? new EventQueue({ sessionId: newId(), store: new MemoryStore(), now, newId });
    this.#hurry();
  }

  get sessionId(): string {
    return this.queue.sessionId;
  }

  get state(): SenderState {
    return { link: this.#link, unsent: this.queue.size, lost: this.queue.lost };
  }

  /** Records an event; it leaves with others of its moment, or at once if somebody may be waiting for it. */
  record(draft: EventDraft): void {
    if (this.#closed.signal.aborted) return;
    this.queue.add(draft);
    this.#isUrgent ||= urgentTypes.has(draft.eventType);
    this.#schedule(this.#nextDelayMs());
    this.#show();
  }

  /** Sends an event that only counts while it is fresh: no number, no queue, no second try. */
  repeat(draft: EventDraft): void {
    if (this.#closed.signal.aborted) return;
    this.#repeat = this.queue.unnumbered(draft);
    this.#schedule(this.#nextDelayMs());
  }

  /** Takes back a repeat that has not left yet. */
  cancelRepeat(): void {
    this.#repeat = undefined;
  }

  /** Tries now instead of when it was due, for instance because the network is back. */
  wake(): void {
    if (this.#link === "waiting") this.#notBeforeMs = this.#earliestMs;
    this.#hurry();
  }

  /** Resolves when nothing is left to send, or nothing can be sent for now. */
  flush(): Promise<void> {
    if (this.queue.size === 0 && !this.#isSending) return Promise.resolve();
    const settled = new Promise<void>((resolve) => this.#idle.push(resolve));
    this.#hurry();
    return settled;
  }

  /**
   * The last request of a page that goes: what fits of the queue, in a request that outlives the page. The events
   * stay in the queue; should the page live on, the server knows them again by their numbers.
   */
  drain(): void {
    const token = this.#options.credentials.token();
    const events = this.#lastWords();
    if (token === undefined || events.length === 0 || this.#closed.signal.aborted) return;
    const body = envelopeOf(events, this.#platform.now());
    const request = { method: "POST", headers: headersOf(token), body, keepalive: true } as const;
    this.#platform.fetch(this.#url, { ...request, credentials: "omit" }).catch(() => {
      // Nobody is left to tell; the server shows the gap.
    });
  }

  /** Ends everything that is under way. What is unsent stays in the queue's store. */
  close(): void {
    this.#closed.abort();
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#settle();
  }

  /** The newest event says how the session ended, so it goes even where the oldest leave no room for all. */
  #lastWords(): readonly QueuedEvent[] {
    const all = this.queue.take(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
    const newest = all.at(-1);
    if (!newest) return [];
    const roomBytes = keepaliveBytes - envelopeBytes - newest.bytes;
    const oldest = this.queue.take(limits.batchEvents - 1, roomBytes);
    return [...oldest.filter((queued) => queued !== newest && queued.bytes <= roomBytes), newest];
  }

  #hurry(): void {
    if (this.queue.size === 0) return;
    this.#isUrgent = true;
    this.#schedule(0);
  }

  #nextDelayMs(): number {
    const isDue = this.#isUrgent || this.#repeat !== undefined || this.queue.size >= this.#batchEvents;
    return isDue ? 0 : lingerMs;
  }

  #schedule(delayMs: number): void {
    if (this.#isSending || this.#closed.signal.aborted) return;
    const nowMs = this.#platform.now();
    const dueMs = Math.max(nowMs + delayMs, this.#notBeforeMs);
    if (this.#timer && this.#timer.dueMs <= dueMs) return;
    this.#timer?.cancel();
    const cancel = this.#platform.after(dueMs - nowMs, () => {
      this.#timer = undefined;
      void this.#send();
    });
    this.#timer = { dueMs, cancel };
    if (this.#notBeforeMs > nowMs) this.#settle();
  }

  async #send(): Promise<void> {
    const repeat = this.#repeat;
    this.#repeat = undefined;
    this.#isUrgent = false;
    const numbered = this.queue.take(this.#batchEvents - (repeat ? 1 : 0), bodyBytes);
    const events = repeat ? [...numbered, repeat] : numbered;
    if (events.length === 0) return this.#settle();
    this.#isSending = true;
    this.queue.markInFlight(numbered);
    try {
      const outcome = await this.#post(events);
      if (!this.#closed.signal.aborted) await this.#act(outcome, numbered, events);
    } finally {
      // Whatever a callback of the caller's does, sending goes on.
      this.queue.markInFlight([]);
      this.#isSending = false;
    }
    if (this.#closed.signal.aborted) return;
    this.#show();
    if (this.queue.size === 0) this.#settle();
    if (this.queue.size > 0 || this.#repeat) this.#schedule(this.#nextDelayMs());
  }

  #post(events: readonly QueuedEvent[]): Promise<PostOutcome> {
    const token = this.#options.credentials.token();
    if (token === undefined) return Promise.resolve({ kind: "unauthorized", message: "No credential." });
    return postEvents({
      url: this.#url,
      token,
      events,
      mayCompress: this.#mayCompress,
      platform: this.#platform,
      closed: this.#closed.signal,
    });
  }

  async #act(
    outcome: PostOutcome,
    numbered: readonly QueuedEvent[],
    sent: readonly QueuedEvent[],
  ): Promise<void> {
    switch (outcome.kind) {
      case "acknowledged":
        return this.#acknowledged(outcome, sent);
      case "unauthorized":
        return this.#unauthorized(outcome.message);
      case "too_large":
        return this.#isolate(numbered, 1, "too_large");
      case "retry":
        return this.#backOff("waiting", outcome.retryAfterMs);
      case "fault":
        return this.#faulted(outcome, numbered);
    }
  }

  #acknowledged(outcome: Extract<PostOutcome, { kind: "acknowledged" }>, sent: readonly QueuedEvent[]): void {
    const { ack, notifications } = outcome;
    this.#link = "connected";
    this.#notBeforeMs = 0;
    this.#failures = 0;
    this.#faults = 0;
    this.#hasRenewed = false;
    // Doubling brings a batch that had to be split back to its full size.
    this.#batchEvents = Math.min(limits.batchEvents, this.#batchEvents * 2);
    // A number too far ahead is the one refusal that doesn't count as received.
    const refused = ack.rejected.filter((rejection) => rejection.code !== "sequence_jump");
    this.queue.drop(refused.flatMap((rejection) => sent[rejection.index] ?? []));
    const before = this.queue.size;
    this.queue.acknowledge(ack.acks);
    if (refused.length > 0) this.#options.onRejected?.(refused);
    if (notifications.length > 0) this.#options.onNotifications?.(notifications);
    // An answer that moves nothing on must not make us ask again and again.
    const hasMoved = refused.length > 0 || this.queue.size < before;
    if (!hasMoved && sent.some(({ event }) => event.sequence !== undefined)) this.#backOff("waiting");
  }

  async #unauthorized(message: string): Promise<void> {
    if (!this.#hasRenewed) {
      const renewal = await this.#options.credentials.refresh();
      if (this.#closed.signal.aborted) return;
      this.#hasRenewed = renewal === "renewed";
      if (renewal === "renewed") return;
      if (renewal === "unavailable") return this.#backOff("waiting");
    }
    this.#hasRenewed = false;
    this.#options.onFault?.({ status: 401, code: "unauthenticated", message });
    this.#backOff("refused");
  }

  #faulted(fault: Extract<PostOutcome, { kind: "fault" }>, numbered: readonly QueuedEvent[]): void {
    const mayBeTheEncoding = fault.status === 415 || fault.code === "invalid_encoding";
    if (this.#mayCompress && mayBeTheEncoding) {
      // Something between us and the server may not let compressed bodies through.
      this.#mayCompress = false;
      return;
    }
    this.#options.onFault?.({ status: fault.status, code: fault.code, message: fault.message });
    // A whole class that refuses us says nothing about any single event.
    if (fault.status !== 403 && fault.status !== 404) {
      this.#isolate(numbered, faultsOfOneEvent, fault.code);
    }
    this.#backOff("refused");
  }

  /** Halves the batch, down to the event that is at fault; that one is given up at the last. */
  #isolate(numbered: readonly QueuedEvent[], allowedFaults: number, reason: string): void {
    if (numbered.length > 1) {
      this.#batchEvents = Math.max(1, Math.floor(numbered.length / 2));
      return;
    }
    this.#faults += 1;
    if (this.#faults < allowedFaults) return;
    this.#faults = 0;
    this.queue.giveUp(numbered, reason);
  }

  /** Full jitter; the server's own wish is the least, and jitter spreads a whole class behind it. */
  #backOff(link: SenderState["link"], retryAfterMs = 0): void {
    this.#link = link;
    const ceilingMs = Math.min(longestBackoffMs, firstBackoffMs * 2 ** this.#failures);
    this.#failures += 1;
    const jitterMs = this.#platform.random() * ceilingMs;
    this.#earliestMs = this.#platform.now() + Math.min(retryAfterMs, longestRetryAfterMs);
    this.#notBeforeMs = this.#earliestMs + jitterMs;
  }

  #show(): void {
    this.#options.onState?.(this.state);
  }

  #settle(): void {
    const waiting = this.#idle;
    this.#idle = [];
    for (const resolve of waiting) resolve();
  }
}
