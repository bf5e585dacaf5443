import { type Reading, readLimit } from "./meter.ts";
import type { LimitPolicy } from "./policy.ts";

/** Whom a limit is counted for. */
export interface Counted {
  readonly policy: LimitPolicy;
  readonly key: string;
}

const maxEntries = 50_000;

/** What has been asked lately, in memory. Bounded: of more keys than it holds, those asked longest ago are forgotten. */
export class Counters {
  /** When each limit will be whole again, in the order in which they were last used. */
  readonly #fullAtMs = new Map<string, number>();
  readonly #now: () => number;
  readonly #maxEntries: number;

  constructor(now: () => number, entries = maxEntries) {
    this.#now = now;
    this.#maxEntries = entries;
  }

  /** Takes from all of the limits if each allows it, and from none otherwise. */
  take(counted: readonly Counted[], cost = 1): Reading[] {
    const nowMs = this.#now();
    const readings = counted.map(({ policy, key }) =>
      readLimit(policy, this.#fullAtMs.get(entryOf(policy, key)), nowMs, cost),
    );
    if (readings.every(({ isAllowed }) => isAllowed)) {
      for (const [index, { policy, key }] of counted.entries()) {
        this.#put(entryOf(policy, key), readings[index]?.fullAtMs ?? nowMs, nowMs);
      }
    }
    return readings;
  }

  /** How a limit stands, without taking from it. */
  look({ policy, key }: Counted): Reading {
    return readLimit(policy, this.#fullAtMs.get(entryOf(policy, key)), this.#now());
  }

  get size(): number {
    return this.#fullAtMs.size;
  }

  #put(entry: string, fullAtMs: number, nowMs: number): void {
    this.#fullAtMs.delete(entry);
    this.#fullAtMs.set(entry, fullAtMs);
    // Two looked at for one that is added: what is whole again is dropped long before room runs out.
    let looks = 2;
    for (const [oldest, wholeAtMs] of this.#fullAtMs) {
      const isFull = this.#fullAtMs.size > this.#maxEntries;
      if (!isFull && (looks === 0 || wholeAtMs > nowMs)) return;
      this.#fullAtMs.delete(oldest);
      looks = Math.max(0, looks - 1);
    }
  }
}

function entryOf(policy: LimitPolicy, key: string): string {
  return `${policy.name}:${key}`;
}
