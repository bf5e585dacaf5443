import { limits } from "@cell-monitor/protocol";
import { Backoff } from "./backoff.ts";
import { BatchSize } from "./batch-size.ts";
import { baseUrlOf } from "./credentials.ts";
import { type EventDraft, EventQueue } from "./event-queue.ts";
import type { SendOutcome } from "./outcome.ts";
import { type Platform, systemPlatform } from "./platform.ts";
import { envelopeOf, headersOf, postEvents } from "./post.ts";
import { MemoryStore, type QueuedEvent } from "./queue-store.ts";
import type { SenderFault, SenderOptions, SenderState } from "./sender-options.ts";
import { SocketLink } from "./socket-link.ts";

/** Shorter, more events of a class travel, and are written, alone; longer, hardly fewer. */
const socketLingerMs = 20;
/** Each request costs more than a frame. */
const httpLingerMs = 100;
/** Batches that may be on their way by socket while nothing is wrong. */
const socketWindow = 4;
const longestBackoffMs = 60_000;
/** What the envelope takes of a body, generously. */
const envelopeBytes = 1024;
const bodyBytes = limits.batchBytes - envelopeBytes;
/** Browsers refuse keepalive requests above 64 KiB, headers included. */
const keepaliveBytes = 60 * 1024;
/** How often a single event may be answered with a fault before it is given up. */
const faultsOfOneEvent = 3;

const urgentTypes: ReadonlySet<string> = new Set(["help", "help_stop", "cell_execution_error"]);

type Outcome<Kind extends SendOutcome["kind"]> = Extract<SendOutcome, { kind: Kind }>;

/** Events that left together. */
interface Batch {
  readonly number: number;
  readonly numbered: readonly QueuedEvent[];
  /** The numbered ones, and a repeat. */
  readonly sent: readonly QueuedEvent[];
}

/**
 * Sends a session's events, in batches, until the server has acknowledged each: by socket where one can be opened, else
 * by one HTTP request at a time. Starts no timer while there is nothing to send, or to hear.
 */
export class Sender {
  readonly queue: EventQueue;
  readonly #options: SenderOptions;
  readonly #platform: Platform;
  readonly #url: string;
  readonly #closed = new AbortController();
  readonly #backoff: Backoff;
  readonly #socket: SocketLink | undefined;
  readonly #onTheirWay = new Set<Batch>();
  #link: SenderState["link"] = "connected";
  /** The un-numbered event that goes with the next batch; only the latest counts. */
  #repeat: QueuedEvent | undefined;
  #isUrgent = false;
  #timer: { readonly dueMs: number; readonly cancel: () => void } | undefined;
  #batches = 0;
  /** The last to leave before something went wrong: only what left after it shows that all is well again. */
  #troubledBatch = 0;
  readonly #batchSize = new BatchSize();
  #mayCompress = true;
  #hasRenewed = false;
  #idle: (() => void)[] = [];

  constructor(options: SenderOptions) {
    const platform = options.platform ?? systemPlatform;
    this.#options = options;
    this.#platform = platform;
    const baseUrl = baseUrlOf(options.server);
    this.#url = `${baseUrl}/api/v1/events`;
    this.#backoff = new Backoff(platform, longestBackoffMs);
    const { now, newId } = platform;
    this.queue =
      options.queue ?? new EventQueue({ sessionId: newId(), store: new MemoryStore(), now, newId });
    this.#socket = this.#socketTo(baseUrl);
    this.#socket?.want();
    this.#hurry();
  }

  get sessionId(): string {
    return this.queue.sessionId;
  }

  get state(): SenderState {
    const transport = this.#socket?.isOpen ? "socket" : "http";
    return { link: this.#link, transport, unsent: this.queue.size, lost: this.queue.lost };
  }

  /** Records an event; it leaves with others of its moment, or at once if somebody may be waiting for it. */
  record(draft: EventDraft): void {
    if (this.#closed.signal.aborted) return;
    this.queue.add(draft);
    this.#isUrgent ||= urgentTypes.has(draft.eventType);
    this.#socket?.want();
    this.#schedule(this.#nextDelayMs());
    this.#show();
  }

  /** Sends an event that only counts while it is fresh: no number, no queue, no second try. A socket needs none. */
  repeat(draft: EventDraft): void {
    if (this.#closed.signal.aborted) return;
    this.#socket?.want();
    if (this.#socket?.isOpen) return;
    this.#repeat = this.queue.unnumbered(draft);
    this.#schedule(this.#nextDelayMs());
  }

  /** Takes back a repeat that has not left yet. */
  cancelRepeat(): void {
    this.#repeat = undefined;
  }

  /** Tries now instead of when it was due, for instance because the network is back. */
  wake(): void {
    if (this.#closed.signal.aborted) return;
    if (this.#link === "waiting") this.#backoff.hope();
    this.#socket?.wake();
    this.#hurry();
  }

  /** Resolves when nothing is left to send, or nothing can be sent for now. */
  flush(): Promise<void> {
    if (this.queue.size === 0 && this.#onTheirWay.size === 0) return Promise.resolve();
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
    const events = this.queue.lastWords(limits.batchEvents, keepaliveBytes - envelopeBytes);
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
    this.#socket?.close();
    this.#timer?.cancel();
    this.#timer = undefined;
    for (const batch of this.#onTheirWay) this.queue.release(batch.numbered);
    this.#onTheirWay.clear();
    this.#settle();
  }

  #socketTo(baseUrl: string): SocketLink | undefined {
    const { classId, credentials } = this.#options;
    if (classId === undefined || !this.#platform.openSocket) return undefined;
    return new SocketLink({
      url: `${baseUrl.replace(/^http/i, "ws")}/api/v1/live/${classId}?session=${this.sessionId}`,
      credentials,
      platform: this.#platform,
      onChange: () => this.#socketChanged(),
      onNotification: (frame) => this.#options.onNotifications?.([frame]),
      onRevoked: (message) => this.#refused({ status: 401, code: "token_revoked", message }),
    });
  }

  #socketChanged(): void {
    if (this.#socket?.isOpen) {
      this.#repeat = undefined;
      this.#backoff.hope();
      if (!this.#backoff.isWaiting) this.#link = "connected";
    }
    this.#hurry();
    this.#show();
  }

  #hurry(): void {
    if (this.queue.size === 0) return;
    this.#isUrgent = true;
    this.#schedule(0);
  }

  #nextDelayMs(): number {
    const isDue =
      this.#isUrgent || this.#repeat !== undefined || this.queue.waiting >= this.#batchSize.events;
    if (isDue) return 0;
    return this.#socket?.isOpen ? socketLingerMs : httpLingerMs;
  }

  /** While something is wrong one batch at a time goes, so that it is known what the answer is about. */
  get #window(): number {
    const isWell = this.#backoff.failures === 0 && this.#batchSize.isFull;
    return isWell && this.#socket?.isOpen ? socketWindow : 1;
  }

  #schedule(delayMs: number): void {
    if (this.#onTheirWay.size >= this.#window || this.#closed.signal.aborted) return;
    const nowMs = this.#platform.elapsed();
    const { notBeforeMs, isWaiting } = this.#backoff;
    const dueMs = Math.max(nowMs + delayMs, notBeforeMs, this.#socket?.hopeUntilMs ?? 0);
    if (this.#timer && this.#timer.dueMs <= dueMs) return;
    this.#timer?.cancel();
    const cancel = this.#platform.after(dueMs - nowMs, () => {
      this.#timer = undefined;
      // A connection that closed meanwhile may be back in a moment.
      if ((this.#socket?.hopeUntilMs ?? 0) > this.#platform.elapsed()) this.#schedule(0);
      else void this.#send();
    });
    this.#timer = { dueMs, cancel };
    if (isWaiting) this.#settle();
  }

  async #send(): Promise<void> {
    const socket = this.#socket?.isOpen ? this.#socket : undefined;
    const repeat = this.#repeat;
    this.#repeat = undefined;
    this.#isUrgent = false;
    const numbered = this.queue.take(this.#batchSize.events - (repeat ? 1 : 0), bodyBytes);
    const sent = repeat ? [...numbered, repeat] : numbered;
    if (sent.length === 0) return this.#goOn();
    const batch = { number: (this.#batches += 1), numbered, sent };
    this.#onTheirWay.add(batch);
    const answer = socket ? socket.send(sent) : this.#post(sent);
    this.#goOn();
    try {
      const outcome = await answer;
      if (this.#onTheirWay.has(batch)) await this.#act(outcome, batch);
    } finally {
      // Whatever a callback of the caller's does, sending goes on.
      if (this.#onTheirWay.delete(batch)) this.queue.release(numbered);
      if (!this.#closed.signal.aborted) {
        this.#show();
        this.#goOn();
      }
    }
  }

  #goOn(): void {
    if (this.queue.size === 0 && this.#onTheirWay.size === 0) this.#settle();
    if (this.queue.waiting > 0 || this.#repeat) this.#schedule(this.#nextDelayMs());
  }

  #post(events: readonly QueuedEvent[]): Promise<SendOutcome> {
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

  async #act(outcome: SendOutcome, batch: Batch): Promise<void> {
    if (outcome.kind === "acknowledged") return this.#acknowledged(outcome, batch);
    if (outcome.kind === "lost") return;
    this.#troubledBatch = this.#batches;
    switch (outcome.kind) {
      case "unauthorized":
        return this.#unauthorized(outcome.message);
      case "too_large":
        return this.#isolate(batch, 1, outcome.kind);
      case "retry":
        return this.#backOff("waiting", outcome.retryAfterMs);
      case "fault":
        return this.#faulted(outcome, batch);
    }
  }

  #acknowledged({ ack, notifications }: Outcome<"acknowledged">, batch: Batch): void {
    if (batch.number > this.#troubledBatch) this.#recovered();
    // A number too far ahead is the one refusal that doesn't count as received.
    const refused = ack.rejected.filter((rejection) => rejection.code !== "sequence_jump");
    this.queue.drop(refused.flatMap((rejection) => batch.sent[rejection.index] ?? []));
    this.queue.acknowledge(ack.acks);
    const hasMoved = this.queue.release(batch.numbered);
    if (refused.length > 0) this.#options.onRejected?.(refused);
    if (notifications.length > 0) this.#options.onNotifications?.(notifications);
    // An answer that moves nothing on must not make us ask again and again.
    if (!hasMoved && batch.numbered.length > 0) {
      this.#troubledBatch = this.#batches;
      this.#backOff("waiting");
    }
  }

  #recovered(): void {
    if (this.#link !== "connected") this.#socket?.wake();
    this.#link = "connected";
    this.#backoff.succeed();
    this.#batchSize.grow();
    this.#hasRenewed = false;
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
    this.#refused({ status: 401, code: "unauthenticated", message });
  }

  #faulted({ status, code, message }: Outcome<"fault">, batch: Batch): void {
    const mayBeTheEncoding = status === 415 || code === "invalid_encoding";
    if (this.#mayCompress && mayBeTheEncoding) {
      // Something between us and the server may not let compressed bodies through.
      this.#mayCompress = false;
      return;
    }
    // A whole class that refuses us says nothing about any single event.
    if (status !== 403 && status !== 404) this.#isolate(batch, faultsOfOneEvent, code);
    this.#refused({ status, code, message });
  }

  #refused(fault: SenderFault): void {
    this.#options.onFault?.(fault);
    this.#backOff("refused");
  }

  #isolate({ numbered }: Batch, allowedFaults: number, reason: string): void {
    if (this.#batchSize.isolate(numbered.length, allowedFaults)) this.queue.giveUp(numbered, reason);
  }

  #backOff(link: SenderState["link"], retryAfterMs?: number): void {
    this.#link = link;
    this.#backoff.fail(retryAfterMs);
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
