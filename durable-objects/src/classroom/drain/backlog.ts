import { accept, refuse, type Result } from "@cell-monitor/protocol";

/**
 * An object may hold 10 GB, past which every write fails. Events of a lesson take some 400 bytes in the log, so that
 * this many wait through an outage of three quarters of an hour at the 7,000 a second that an object takes at most, and
 * of days at the rate of a class. The rest is room for what the log is not.
 */
const maxPendingEvents = 20_000_000;
const maxDatabaseBytes = 8 * 1024 ** 3;
/** From here on, days that every store has are dropped before their time, so that what they have not finds room. */
const crampedBytes = 6 * 1024 ** 3;
/** Asking the database takes longer than an event may. */
const lookAgainMs = 1_000;
const retryAfterMs = 30_000;

export interface BacklogDeps {
  now(): number;
  databaseBytes(): number;
  /** Events that some store still lacks. */
  pendingEvents(): number;
}

/** How much may wait for the stores. Past it, events stay with those who send them: nothing is lost, nothing is taken. */
export class Backlog {
  readonly #deps: BacklogDeps;
  #lookedMs = Number.NEGATIVE_INFINITY;
  #bytes = 0;

  constructor(deps: BacklogDeps) {
    this.#deps = deps;
  }

  /** Whether there is room for a batch. */
  admit(): Result<true> {
    const nowMs = this.#deps.now();
    if (Math.abs(nowMs - this.#lookedMs) >= lookAgainMs) {
      this.#lookedMs = nowMs;
      this.#bytes = this.#deps.databaseBytes();
    }
    if (this.#bytes < maxDatabaseBytes && this.#deps.pendingEvents() < maxPendingEvents) return accept(true);
    return refuse("backlog_full", "The stores are too far behind to take more; send the same again later.", {
      retryAfterMs,
    });
  }

  /** Whether what the stores have should make room. */
  isCramped(): boolean {
    return this.#deps.databaseBytes() >= crampedBytes;
  }
}
