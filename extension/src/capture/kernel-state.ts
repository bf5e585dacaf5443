/** What a change of a kernel's status means to its runs. */
type KernelEvent = "kernel_restart" | "kernel_died";

export interface KernelStateOptions {
  readonly report: (event: KernelEvent) => void;
  /** Called as soon as it is known that nothing under way will be answered. */
  readonly onGone: () => void;
  /** Calls back when what is happening now has happened. */
  readonly soon: (run: () => void) => void;
}

/**
 * Tells a restart that somebody asked for from a kernel that died. Both begin with `restarting`; the second goes on to
 * `autorestarting` at once, or ends as `dead`.
 */
export class KernelState {
  readonly #options: KernelStateOptions;
  #restart: { isDeath: boolean } | undefined;
  #isDead = false;

  constructor(options: KernelStateOptions) {
    this.#options = options;
  }

  changed(status: string): void {
    switch (status) {
      case "restarting":
      case "autorestarting":
        return this.#restarting(status === "autorestarting");
      case "dead":
        return this.#died();
      case "idle":
      case "busy":
        this.#isDead = false;
        return undefined;
      default:
        return undefined;
    }
  }

  #restarting(isDeath: boolean): void {
    this.#options.onGone();
    if (this.#restart) {
      this.#restart.isDeath ||= isDeath;
      return;
    }
    const restart = { isDeath };
    this.#restart = restart;
    this.#options.soon(() => {
      this.#restart = undefined;
      this.#options.report(restart.isDeath ? "kernel_died" : "kernel_restart");
    });
  }

  #died(): void {
    this.#options.onGone();
    if (this.#isDead) return;
    this.#isDead = true;
    this.#options.report("kernel_died");
  }
}
