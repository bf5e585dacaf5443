import type { SinkName } from "@cell-monitor/protocol";
import type { LoggedEvent, Sink, SinkOutcome } from "../../sinks/sink.ts";
import { backoffMs } from "./backoff.ts";
import { within } from "./deadline.ts";

/** Events a sink is given at once; reaching as many, a drain starts without waiting. */
export const drainBatchEvents = 1_000;
/** A store that is too slow for a batch is given ever smaller ones, down to this. */
const leastBatchEvents = 16;
/** The longest that an event waits for company before a drain. */
export const drainAfterMs = 5_000;
const requestDeadlineMs = 8_000;
const maxRetryAfterMs = 10 * 60_000;

export interface SinkLoopDeps {
  readonly sink: Sink;
  now(): number;
  random(): number;
  /** Calls back once after a delay; answers how to call it off. */
  after(delayMs: number, callback: () => void): () => void;
  /** Up to about `limit` events after a version, oldest first. */
  read(afterVersion: number, limit: number): readonly LoggedEvent[];
  /** Keeps the cursor, durably, before the next batch is read. */
  saveCursor(sink: SinkName, version: number): void;
  deadLetter(sink: SinkName, event: LoggedEvent, reason: string): void;
  /** The sink's standing changed. */
  changed(): void;
  log(message: string, details: Record<string, unknown>): void;
}

/** What came of a batch that may have had to be halved. */
type Written = Exclude<SinkOutcome, { kind: "poison" }> | { readonly kind: "paused" };

/**
 * Drains the class's log to one store, one request at a time. Each sink has a loop, a cursor and a backoff of its
 * own: one that is down never delays another.
 */
export class SinkLoop {
  readonly #deps: SinkLoopDeps;
  #cursor: number;
  #failures = 0;
  #batchEvents = drainBatchEvents;
  #notBeforeMs = 0;
  #untilMs = 0;
  #running: Promise<void> | undefined;
  #asking: Promise<SinkOutcome> | undefined;

  constructor(deps: SinkLoopDeps, cursor: number) {
    this.#deps = deps;
    this.#cursor = cursor;
  }

  get name(): SinkName {
    return this.#deps.sink.name;
  }

  get cursor(): number {
    return this.#cursor;
  }

  get failing(): boolean {
    return this.#failures > 0;
  }

  /** When the loop may and must run, given the arrival of its oldest pending event. Unix ms. */
  dueMs(oldestPendingMs: number): number {
    return Math.max(oldestPendingMs + drainAfterMs, this.#notBeforeMs);
  }

  /**
   * Drains until nothing is pending, the store refuses, or `untilMs` has passed. A call while it runs joins the run,
   * and may prolong it; a call before the backoff is over does nothing. Never rejects.
   */
  run(untilMs: number): Promise<void> {
    this.#untilMs = Math.max(this.#untilMs, untilMs);
    if (this.#running) return this.#running;
    if (this.#deps.now() < this.#notBeforeMs) return Promise.resolve();
    this.#running = this.#drain().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Resolves once nothing that was read before is on its way to the store. Never rejects. */
  async settled(): Promise<void> {
    await this.#running;
    // What waits for the request under way, such as a letter that is offered again, was read before too.
    while (this.#asking) await this.#asking;
  }

  /** Gives the store a batch as soon as it is free: it has one request at a time. Moves no cursor; never rejects. */
  async write(batch: readonly LoggedEvent[]): Promise<SinkOutcome> {
    while (this.#asking) await this.#asking;
    this.#asking = this.#request(batch).finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #drain(): Promise<void> {
    try {
      await this.#drainAll();
    } catch (error) {
      // A fault of ours must neither spin nor stop the other sinks.
      this.#failed({ kind: "retry", reason: reasonOf(error) });
    }
    this.#deps.changed();
  }

  async #drainAll(): Promise<void> {
    const deps = this.#deps;
    for (;;) {
      const batch = deps.read(this.#cursor, this.#batchEvents);
      const last = batch.at(-1);
      if (!last) return;
      const outcome = await this.#writeOrBisect(batch);
      if (outcome.kind === "retry") {
        this.#failed(outcome);
        return;
      }
      this.#failures = 0;
      if (outcome.kind === "paused") return;
      this.#batchEvents = Math.min(drainBatchEvents, this.#batchEvents * 2);
      this.#advance(last.version);
      if (this.#isOver()) return;
    }
  }

  #isOver(): boolean {
    return this.#deps.now() >= this.#untilMs;
  }

  /** Writes a batch; where the store will never take it, halves it until the culprits stand alone. */
  async #writeOrBisect(batch: readonly LoggedEvent[]): Promise<Written> {
    const outcome = await this.write(batch);
    if (outcome.kind !== "poison") return outcome;
    const [only] = batch;
    if (batch.length === 1 && only) {
      this.#deps.deadLetter(this.name, only, outcome.reason);
      this.#deps.log("dead_letter", { sink: this.name, version: only.version, reason: outcome.reason });
      return { kind: "written" };
    }
    const middle = Math.ceil(batch.length / 2);
    const first = await this.#writeOrBisect(batch.slice(0, middle));
    if (first.kind !== "written") return first;
    // What stands before the cursor is never written again, should the second half have to wait.
    const settled = batch[middle - 1];
    if (settled) this.#advance(settled.version);
    // Many culprits take many requests: the rest of the batch is the next run's.
    if (this.#isOver()) return { kind: "paused" };
    return this.#writeOrBisect(batch.slice(middle));
  }

  async #request(batch: readonly LoggedEvent[]): Promise<SinkOutcome> {
    const { after, sink } = this.#deps;
    const late: SinkOutcome = { kind: "retry", reason: "The store did not answer in time." };
    try {
      return await within(after, requestDeadlineMs, (signal) => sink.write(batch, signal), late);
    } catch (error) {
      return { kind: "retry", reason: reasonOf(error) };
    }
  }

  #advance(version: number): void {
    if (version <= this.#cursor) return;
    // Saved before it is believed: what could not be saved is still pending, and is written again.
    this.#deps.saveCursor(this.name, version);
    this.#cursor = version;
  }

  #failed(outcome: Extract<SinkOutcome, { kind: "retry" }>): void {
    this.#failures += 1;
    this.#batchEvents = Math.max(leastBatchEvents, Math.ceil(this.#batchEvents / 2));
    const delayMs = Math.max(
      backoffMs(this.#failures, this.#deps.random()),
      Math.min(outcome.retryAfterMs ?? 0, maxRetryAfterMs),
    );
    this.#notBeforeMs = this.#deps.now() + delayMs;
    this.#deps.log("sink_retry", {
      sink: this.name,
      reason: outcome.reason,
      failures: this.#failures,
      delayMs,
    });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
