import * as v from "valibot";
import type { ForgetOutcome, Sink } from "../../sinks/sink.ts";
import type { Meta } from "../storage/meta.ts";
import { type After, within } from "./deadline.ts";

const deadlineMs = 8_000;
const firstDelayMs = 5 * 60_000;
const longestDelayMs = 6 * 60 * 60_000;

/** That stores are to forget what is older, until they have. Times are Unix ms. */
const orderSchema = v.nullable(
  v.object({ beforeMs: v.number(), failures: v.number(), notBeforeMs: v.number() }),
);
type Order = NonNullable<v.InferOutput<typeof orderSchema>>;

export interface ForgetterDeps {
  readonly meta: Pick<Meta, "read" | "write">;
  readonly sinks: readonly Sink[];
  now(): number;
  random(): number;
  readonly after: After;
  report(message: string, details: Record<string, unknown>): void;
}

/**
 * Has the stores forget what the class keeps no longer, a part at a time. The order outlives the instance; a store that is
 * away is asked again after minutes, then hours: nobody waits for this, and a class must not wake for it all the time.
 */
export class Forgetter {
  readonly #deps: ForgetterDeps;
  #order: Order | undefined;
  #running: Promise<void> | undefined;

  constructor(deps: ForgetterDeps) {
    this.#deps = deps;
    this.#order = deps.meta.read("forget", orderSchema) ?? undefined;
  }

  /** Has all that is older forgotten, from now on. */
  order(beforeMs: number): void {
    if (!this.#deps.sinks.some(({ forget }) => forget)) return;
    this.#keep({ beforeMs: Math.max(beforeMs, this.#order?.beforeMs ?? 0), failures: 0, notBeforeMs: 0 });
  }

  /** When there is something to do, Unix ms. */
  dueMs(): number | undefined {
    return this.#order && Math.max(this.#order.notBeforeMs, this.#deps.now());
  }

  /** Goes on until it is done, a store fails, or `untilMs` has passed. Never rejects for what a store does. */
  run(untilMs: number): Promise<void> {
    this.#running ??= this.#run(untilMs).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #run(untilMs: number): Promise<void> {
    const { now, sinks } = this.#deps;
    const order = this.#order;
    if (!order || now() < order.notBeforeMs) return;
    for (const sink of sinks) {
      for (let outcome = await this.#ask(sink, order); outcome.kind !== "done";) {
        if (outcome.kind === "retry") return this.#failed(sink, outcome);
        if (now() >= untilMs) return;
        outcome = await this.#ask(sink, order);
      }
    }
    // A later order may have come meanwhile.
    if (this.#order === order) this.#keep(undefined);
  }

  async #ask(sink: Sink, { beforeMs }: Order): Promise<ForgetOutcome> {
    const { forget } = sink;
    if (!forget) return { kind: "done" };
    const late: ForgetOutcome = { kind: "retry", reason: "The store did not answer in time." };
    return within(this.#deps.after, deadlineMs, (signal) => forget(beforeMs, signal), late);
  }

  #failed({ name }: Sink, { reason, retryAfterMs = 0 }: Extract<ForgetOutcome, { kind: "retry" }>): void {
    const { now, random, report } = this.#deps;
    const order = this.#order;
    if (!order) return;
    const boundMs = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(order.failures, 16));
    const delayMs = Math.max(
      Math.round(boundMs * (0.5 + random() / 2)),
      Math.min(retryAfterMs, longestDelayMs),
    );
    this.#keep({ ...order, failures: order.failures + 1, notBeforeMs: now() + delayMs });
    report("forget_retry", { sink: name, reason, delayMs });
  }

  #keep(order: Order | undefined): void {
    this.#deps.meta.write("forget", order ?? null);
    this.#order = order;
  }
}
