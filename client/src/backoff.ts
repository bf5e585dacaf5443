import type { Platform } from "./platform.ts";

const firstMs = 1_000;
const longestRetryAfterMs = 60 * 60_000;

/** How long to leave alone what failed: longer each time, by chance, so that a class doesn't come back as one. */
export class Backoff {
  readonly #platform: Pick<Platform, "elapsed" | "random">;
  readonly #longestMs: number;
  #failures = 0;
  #notBeforeMs = 0;
  #earliestMs = 0;

  constructor(platform: Pick<Platform, "elapsed" | "random">, longestMs: number) {
    this.#platform = platform;
    this.#longestMs = longestMs;
  }

  /** In a row. */
  get failures(): number {
    return this.#failures;
  }

  /** Nothing is tried before this time, by `elapsed`. */
  get notBeforeMs(): number {
    return this.#notBeforeMs;
  }

  get isWaiting(): boolean {
    return this.#notBeforeMs > this.#platform.elapsed();
  }

  /**
   * Full jitter; what the server wishes is the least, and jitter spreads a whole class behind it. Several failures of
   * one moment count once.
   */
  fail(retryAfterMs = 0): void {
    if (!this.isWaiting) this.#failures += 1;
    const ceilingMs = Math.min(this.#longestMs, firstMs * 2 ** (this.#failures - 1));
    const earliestMs = this.#platform.elapsed() + Math.min(retryAfterMs, longestRetryAfterMs);
    this.#earliestMs = Math.max(this.#earliestMs, earliestMs);
    const jitterMs = this.#platform.random() * ceilingMs;
    this.#notBeforeMs = Math.max(this.#notBeforeMs, this.#earliestMs + jitterMs);
  }

  succeed(): void {
    this.#failures = 0;
  }

  /** There is a reason to try now; but not before the server said. */
  hope(): void {
    this.#notBeforeMs = this.#earliestMs;
  }
}
