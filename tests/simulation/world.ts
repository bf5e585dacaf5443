import { Random } from "./random.ts";

interface Task {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
  isCancelled: boolean;
}

/** A promise that the schedule has shown to be broken. */
export class Violation extends Error {}

const startMs = Date.parse("2026-11-23T09:00:00.000Z");

/** Time and the order of everything: what happens, happens as a task of one queue, drawn from one seed. */
export class World {
  readonly seed: number;
  readonly trace: string[] = [];
  readonly #keepsTrace: boolean;
  #hash = 0x811c9dc5;
  #nowMs = startMs;
  #orders = 0;
  #steps = 0;
  #ids = 0;
  readonly #heap: Task[] = [];
  readonly #violations: Violation[] = [];

  constructor(seed: number, keepsTrace: boolean) {
    this.seed = seed;
    this.#keepsTrace = keepsTrace;
  }

  /** Unix ms, whole as a clock gives it. */
  readonly now = (): number => Math.floor(this.#nowMs);

  readonly newId = (): string => {
    this.#ids += 1;
    return `id-${this.#ids}`;
  };

  get steps(): number {
    return this.#steps;
  }

  /** Tells the same schedule from another. */
  get hash(): number {
    return this.#hash;
  }

  get violation(): Violation | undefined {
    return this.#violations[0];
  }

  random(purpose: string): Random {
    return new Random(this.seed, purpose);
  }

  note(text: string): void {
    let hash = this.#hash;
    for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    this.#hash = Math.imul(hash ^ (this.now() % 0xffff), 0x01000193) >>> 0;
    if (this.#keepsTrace) {
      this.trace.push(`${((this.#nowMs - startMs) / 1000).toFixed(3).padStart(10)} s  ${text}`);
    }
  }

  /** Something that must never be. The first ends the schedule. */
  broken(text: string): void {
    this.note(`BROKEN: ${text}`);
    this.#violations.push(new Violation(text));
  }

  /** The time to its fractions: what must keep an order is not to be rounded. */
  get exactMs(): number {
    return this.#nowMs;
  }

  readonly after = (delayMs: number, run: () => void): (() => void) =>
    this.at(this.#nowMs + Math.max(0, delayMs), run);

  at(atMs: number, run: () => void): () => void {
    this.#orders += 1;
    const task = { atMs, order: this.#orders, run, isCancelled: false };
    this.#push(task);
    return () => {
      task.isCancelled = true;
    };
  }

  /** Does what is next, to the last microtask. False: nothing is left to happen before that time. */
  async step(untilMs = Number.POSITIVE_INFINITY): Promise<boolean> {
    while (this.#heap[0]?.isCancelled) this.#pop();
    const next = this.#heap[0];
    if (!next || next.atMs > untilMs) return false;
    this.#pop();
    this.#nowMs = Math.max(this.#nowMs, next.atMs);
    this.#steps += 1;
    next.run();
    await settled();
    return true;
  }

  #push(task: Task): void {
    const heap = this.#heap;
    let at = heap.push(task) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (!above || isBefore(above, task)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = task;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      const [left, right] = [heap[child], heap[child + 1]];
      if (!left) break;
      if (right && isBefore(right, left)) child += 1;
      const least = heap[child];
      if (!least || isBefore(last, least)) break;
      heap[at] = least;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(one: Task, other: Task): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}

/** Resolves once no microtask is left. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
