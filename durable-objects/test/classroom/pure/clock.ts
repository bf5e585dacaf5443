/** A clock that goes on when it is told to, and the timers that hang on it. */
export class FakeClock {
  nowMs = 1_700_000_000_000;
  #timers: { atMs: number; callback: () => void }[] = [];

  readonly now = (): number => this.nowMs;

  readonly after = (delayMs: number, callback: () => void): (() => void) => {
    const timer = { atMs: this.nowMs + delayMs, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };

  get timers(): number {
    return this.#timers.length;
  }

  pass(byMs: number): void {
    const endMs = this.nowMs + byMs;
    for (;;) {
      const due = this.#timers.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (!due) break;
      this.#timers = this.#timers.filter((other) => other !== due);
      this.nowMs = Math.max(this.nowMs, due.atMs);
      due.callback();
    }
    this.nowMs = endMs;
  }
}
