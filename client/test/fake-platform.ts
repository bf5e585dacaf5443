import type { Platform } from "../src/index.ts";

/** A clock that goes only when told, over the real network. */
export class FakePlatform implements Platform {
  fetch: Platform["fetch"] = (url, init) => fetch(url, init);
  /** What `random` gives; 0 makes every backoff as short as the server allows. */
  luck = 0;
  #nowMs = Date.parse("2026-11-22T10:00:00.000Z");
  #ids = 0;
  readonly #timers = new Set<{ readonly dueMs: number; readonly run: () => void }>();

  readonly now = (): number => this.#nowMs;
  readonly elapsed = (): number => this.#nowMs;
  readonly random = (): number => this.luck;
  readonly newId = (): string => `id-${(this.#ids += 1)}`;

  readonly after = (delayMs: number, run: () => void): (() => void) => {
    const timer = { dueMs: this.#nowMs + delayMs, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  /** Time until the next timer, or undefined when nothing waits. */
  get nextTimerMs(): number | undefined {
    const due = [...this.#timers].map((timer) => timer.dueMs - this.#nowMs);
    return due.length === 0 ? undefined : Math.min(...due);
  }

  advance(byMs: number): void {
    this.#nowMs += byMs;
    const due = [...this.#timers].filter((timer) => timer.dueMs <= this.#nowMs);
    for (const timer of due.sort((a, b) => a.dueMs - b.dueMs)) {
      if (this.#timers.delete(timer)) timer.run();
    }
  }
}
