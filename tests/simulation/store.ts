import type { SinkName } from "@cell-monitor/protocol";
import type { LoggedEvent, Sink, SinkOutcome } from "../../durable-objects/src/sinks/sink.ts";
import { keyOf } from "./log-watch.ts";
import type { Random } from "./random.ts";
import type { World } from "./world.ts";

export interface StoreWatch {
  readonly name: SinkName;
  has(version: number): boolean;
}

/** How often a store does what. */
export interface StoreFaults {
  readonly slow: number;
  readonly hang: number;
  readonly busy: number;
  readonly away: number;
  readonly drop: number;
}

export const healthy: StoreFaults = { slow: 0, hang: 0, busy: 0, away: 0, drop: 0 };

/** A store takes no event of this type, until it is mended. */
export function poisonOf(name: SinkName): string {
  return `bad_for_${name}`;
}

/** A store that applies what it is given once, as the real ones do: by key. */
export class Store implements StoreWatch {
  readonly name: SinkName;
  readonly #world: World;
  readonly #random: Random;
  readonly #rows = new Map<number, string>();
  readonly #versions = new Map<string, number>();
  readonly #open = new WeakMap<object, number>();
  faults = healthy;
  downUntilMs = 0;
  /** What it asks for while it is down. */
  retryAfterMs: number | undefined;
  isMended = false;

  constructor(world: World, name: SinkName) {
    this.name = name;
    this.#world = world;
    this.#random = world.random(`store ${name}`);
  }

  get size(): number {
    return this.#rows.size;
  }

  has(version: number): boolean {
    return this.#rows.has(version);
  }

  /** As one instance of the class reaches it. */
  sink(instance: { readonly isAlive: boolean }, gate: (send: () => void) => void): Sink {
    return { name: this.name, write: (batch, signal) => this.#write(instance, gate, batch, signal) };
  }

  #write(
    instance: { readonly isAlive: boolean },
    gate: (send: () => void) => void,
    batch: readonly LoggedEvent[],
    signal: AbortSignal,
  ): Promise<SinkOutcome> {
    const open = (this.#open.get(instance) ?? 0) + 1;
    this.#open.set(instance, open);
    if (open > 1) this.#world.broken(`${open} requests to ${this.name} at once`);
    if (batch.length === 0) this.#world.broken(`an empty batch for ${this.name}`);
    return new Promise((resolve) => {
      let isOver = false;
      const finish = (outcome: SinkOutcome) => {
        if (isOver) return;
        isOver = true;
        this.#open.set(instance, (this.#open.get(instance) ?? 1) - 1);
        if (instance.isAlive) resolve(outcome);
      };
      const isHeedless = this.#random.chance(0.5);
      signal.addEventListener("abort", () => {
        // One that does not heed its signal says nothing, and is asked no more either.
        if (!isHeedless) finish({ kind: "retry", reason: "aborted" });
        else if (!isOver) this.#open.set(instance, (this.#open.get(instance) ?? 1) - 1);
        isOver = true;
      });
      const answer = (delayMs: number, outcome: SinkOutcome) =>
        this.#world.after(delayMs, () => finish(outcome));
      // What has not left in time never does.
      gate(() => this.#world.after(this.#random.between(1, 20), () => this.#serve(batch, answer)));
    });
  }

  #serve(batch: readonly LoggedEvent[], answer: (delayMs: number, outcome: SinkOutcome) => void): void {
    const { slow, hang, busy, away, drop } = this.faults;
    const random = this.#random;
    const names = `${this.name} ${batch[0]?.version}–${batch.at(-1)?.version}`;
    const does = (what: string) => this.#world.note(`${names}: ${what}`);
    const quickMs = random.between(1, 200);
    if (this.#world.now() < this.downUntilMs || random.chance(away)) {
      does("away");
      const { retryAfterMs } = this;
      answer(quickMs, { kind: "retry", reason: "503", ...(retryAfterMs !== undefined && { retryAfterMs }) });
      return;
    }
    if (random.chance(busy)) {
      does("busy");
      answer(quickMs, { kind: "retry", reason: "429", retryAfterMs: random.whole(1, 60) * 1_000 });
      return;
    }
    if (!this.isMended && batch.some(({ event }) => event.eventType === poisonOf(this.name))) {
      does("refuses");
      answer(quickMs, { kind: "poison", reason: "22P02" });
      return;
    }
    if (random.chance(hang)) {
      does("hangs");
      if (random.chance(0.5)) this.#world.after(random.between(0, 30_000), () => this.#apply(batch));
      return;
    }
    if (random.chance(drop)) {
      does("takes it and drops its answer");
      this.#apply(batch);
      answer(quickMs, { kind: "retry", reason: "ECONNRESET" });
      return;
    }
    if (random.chance(slow)) {
      const delayMs = random.between(500, 15_000);
      does(`slow, ${Math.round(delayMs)} ms`);
      this.#world.after(delayMs, () => this.#apply(batch));
      answer(delayMs, { kind: "written" });
      return;
    }
    does("takes it");
    this.#apply(batch);
    answer(quickMs, { kind: "written" });
  }

  #apply(batch: readonly LoggedEvent[]): void {
    for (const { version, studentId, event } of batch) {
      const key = keyOf(studentId, event);
      const [row, twin] = [this.#rows.get(version), this.#versions.get(key)];
      if (row !== undefined && row !== key)
        this.#world.broken(`${this.name} was given two events as ${version}`);
      if (twin !== undefined && twin !== version) this.#world.broken(`${key} is in ${this.name} twice`);
      this.#rows.set(version, key);
      this.#versions.set(key, version);
    }
  }
}
