import type { ClassStorage } from "./platform.ts";

/** Comes back for the work of an alarm that died on the way. */
const watchdogMs = 60_000;

export interface WakeupsDeps {
  readonly storage: Pick<ClassStorage, "getAlarm" | "setAlarm" | "deleteAlarm">;
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
    return this.#standingMs !== undefined;
  }

  /** Whether nothing that is due in `withinMs` can need an earlier alarm. */
  isSoon(withinMs: number): boolean {
    return this.#isWorking || (this.#standingMs ?? Number.POSITIVE_INFINITY) <= this.#deps.now() + withinMs;
  }

  /**
   * Sees to an alarm that comes by then. Where it isn't known what stands, it is set in this very turn, with what was
   * written in it: whoever is told that that is safe may be the last to be heard of.
   */
  armEarlier(timeMs: number | undefined): void {
    if (this.#isWorking || timeMs === undefined) return;
    // One that turns out to be early finds nothing to do.
    if (timeMs < (this.#standingMs ?? Number.POSITIVE_INFINITY)) this.#deps.keepAlive(this.#arm(timeMs));
  }

  /** After waking: work may be pending without an alarm, which the platform drops when it fails too often. */
  recover(timeMs: number | undefined): void {
    if (timeMs !== undefined) this.#deps.keepAlive(this.#armUnlessStanding(timeMs));
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

  async #armUnlessStanding(timeMs: number): Promise<void> {
    // Looking costs no row, where setting does.
    const standingMs = await this.#deps.storage.getAlarm();
    if (this.#isWorking || this.isKnown) return;
    if (standingMs !== null && standingMs <= timeMs) this.#alarmMs = standingMs;
    else await this.#arm(timeMs);
  }

  /** An alarm that should long have come was dropped. */
  get #standingMs(): number | undefined {
    const isOverdue = this.#alarmMs !== undefined && this.#alarmMs < this.#deps.now() - watchdogMs;
    return isOverdue ? undefined : this.#alarmMs;
  }

  async #arm(timeMs: number | undefined): Promise<void> {
    this.#alarmMs = timeMs;
    if (timeMs === undefined) await this.#deps.storage.deleteAlarm();
    else await this.#deps.storage.setAlarm(Math.max(timeMs, this.#deps.now()));
  }
}
