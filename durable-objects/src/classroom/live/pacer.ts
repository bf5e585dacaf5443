import { limits } from "@cell-monitor/protocol";

export interface PacerDeps {
  now(): number;
  /** Calls back once after a delay; answers how to call it off. */
  after(delayMs: number, callback: () => void): () => void;
  flush(): void;
}

/**
 * Decides when the next frame goes out: at once if the last is old enough, else when it will be, and more seldom
 * under steady work. No timer runs while nothing has changed, so that the object can sleep.
 */
export class Pacer {
  readonly #deps: PacerDeps;
  #lastMs = Number.NEGATIVE_INFINITY;
  /** Since when frames have been following each other closely. */
  #steadySinceMs: number | undefined;
  #cancel: (() => void) | undefined;

  constructor(deps: PacerDeps) {
    this.#deps = deps;
  }

  /** Something changed. What is urgent goes out now. */
  changed(urgent: boolean): void {
    const waitMs = this.#lastMs + this.#intervalMs() - this.#deps.now();
    if (urgent || waitMs <= 0) this.#flush();
    else this.#cancel ??= this.#deps.after(waitMs, () => this.#flush());
  }

  #intervalMs(): number {
    const now = this.#deps.now();
    const isSteady = this.#steadySinceMs !== undefined && now - this.#steadySinceMs >= limits.steadyAfterMs;
    return isSteady ? limits.steadyFrameIntervalMs : limits.frameIntervalMs;
  }

  #flush(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const now = this.#deps.now();
    const isFollowing = now - this.#lastMs <= 2 * limits.steadyFrameIntervalMs;
    this.#steadySinceMs = isFollowing ? (this.#steadySinceMs ?? now) : undefined;
    this.#lastMs = now;
    this.#deps.flush();
  }
}
