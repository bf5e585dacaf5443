import type { ClassEvent, SinkName } from "@cell-monitor/protocol";

/** An event as the class's log keeps it. */
export interface LoggedEvent {
  /** Place in the class's log: 1, 2, 3 … without gaps. */
  readonly version: number;
  readonly studentId: string;
  /** Arrival by the server's clock, Unix ms. */
  readonly receivedMs: number;
  /** When it happened, by the server's clock, Unix ms. */
  readonly timeMs: number;
  readonly event: ClassEvent;
}

/**
 * What became of a batch.
 * - `written`: it is in the store, whether or not it had been there before.
 * - `retry`: the store is unreachable, busy or answered nothing: unknown, so the same batch must come again.
 * - `poison`: the store will never take this batch as it is; a single event in it may be the cause.
 */
export type SinkOutcome =
  | { readonly kind: "written" }
  | { readonly kind: "retry"; readonly reason: string; readonly retryAfterMs?: number }
  | { readonly kind: "poison"; readonly reason: string };

/** What came of having a store forget: `more` where it is to be asked again. */
export type ForgetOutcome =
  | { readonly kind: "done" | "more" }
  | { readonly kind: "retry"; readonly reason: string; readonly retryAfterMs?: number };

/** A store the log is drained to. Writing the same events again must change nothing. */
export interface Sink {
  readonly name: SinkName;
  /** Never throws for what the store does; `signal` ends a request that takes too long. */
  write(batch: readonly LoggedEvent[], signal: AbortSignal): Promise<SinkOutcome>;
  /** Removes a part of what is older than a moment (Unix ms). Absent where the store forgets by itself. */
  forget?(beforeMs: number, signal: AbortSignal): Promise<ForgetOutcome>;
}
