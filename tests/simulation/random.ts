/** Chance that can be repeated: the same seed gives the same numbers, on every machine. */
export class Random {
  #state: number;

  /** @param purpose draws for one purpose leave those for another as they are */
  constructor(seed: number, purpose: string) {
    let state = seed ^ 0x9e3779b9;
    for (const letter of purpose) state = Math.imul(state ^ (letter.codePointAt(0) ?? 0), 0x85ebca6b);
    this.#state = state >>> 0;
    for (let round = 0; round < 3; round += 1) this.next();
  }

  /** In [0, 1). */
  readonly next = (): number => {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** In [from, to). */
  between(from: number, to: number): number {
    return from + this.next() * (to - from);
  }

  /** A whole number, both ends included. */
  whole(from: number, to: number): number {
    return Math.floor(this.between(from, to + 1));
  }

  pick<T>(list: readonly T[]): T | undefined {
    return list[this.whole(0, list.length - 1)];
  }
}
