import type { ClassStorage } from "./platform.ts";

/** Comes back for the work of an alarm that died on the way. */
const watchdogMs = 60_000;

export interface WakeupsDeps {
  readonly storage: Pick<ClassStorage, "setAlarm" | "deleteAlarm">;
  now(): number;
  keepAlive(work: Promise<unknown>): void;
}

/** The class's one alarm. It is set only to come earlier, since each setting is a row written. */
export class Wakeups {
  readonly #deps: WakeupsDeps;
  /** Undefined after waking: it isn't known what the alarm stands at, nor what for. */
  #alarmMs: number | undefined;
  #isWorking = false;

  constructor(deps: WakeupsDeps) {
    this.#deps = deps;
  }

  /** Whether what the alarm stands at is known. */
  get isKnown(): boolean {
    return this.#alarmMs !== undefined;
  }

  /** Whether nothing that is due in `withinMs` can need an earlier alarm. */
  isSoon(withinMs: number): boolean {
    return this.#isWorking || (this.#alarmMs !== undefined && this.#alarmMs <= this.#deps.now() + withinMs);
  }

  /** An alarm that turns out to be early finds nothing to do. */
  armEarlier(timeMs: number | undefined): void {
    if (this.#isWorking || timeMs === undefined) return;
    if (timeMs < (this.#alarmMs ?? Number.POSITIVE_INFINITY)) this.#deps.keepAlive(this.#arm(timeMs));
  }

  /**
   * Does an alarm's work. Armed first of all: should the work hang or throw until the platform gives up, the next
   * alarm still comes. Armed last to what `next` says.
   */
  async work(work: () => Promise<void>, next: () => number | undefined): Promise<void> {
    this.#isWorking = true;
    try {
      await this.#arm(this.#deps.now() + watchdogMs);
      await work();
    } finally {
      this.#isWorking = false;
    }
    await this.#arm(next());
  }

  async #arm(timeMs: number | undefined): Promise<void> {
    this.#alarmMs = timeMs;
    if (timeMs === undefined) await this.#deps.storage.deleteAlarm();
    else await this.#deps.storage.setAlarm(Math.max(timeMs, this.#deps.now()));
  }
}
