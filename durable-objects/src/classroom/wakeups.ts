import type { ClassStorage } from "./platform.ts";

/** Comes back for the work of an alarm that died on the way. */
const watchdogMs = 60_000;
/** The platform stops trying after six failures in a row; here the first is tried again this soon, and none is the last. */
const firstRetryMs = 2_000;

export interface WakeupsDeps {
  readonly storage: Pick<ClassStorage, "getAlarm" | "setAlarm" | "deleteAlarm" | "sync">;
  now(): number;
  keepAlive(work: Promise<unknown>): void;
  abort(reason: string): void;
  report(message: string, details: Record<string, unknown>): void;
}

/** Part of an alarm's work. */
type Step = () => unknown;

/** The class's one alarm. It is set only to come earlier, since each setting is a row written. */
export class Wakeups {
  readonly #deps: WakeupsDeps;
  /** Undefined after waking: it isn't known what the alarm stands at, nor what for. */
  #alarmMs: number | undefined;
  #isWorking = false;
  /** Alarms in a row whose work failed. */
  #failures = 0;

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
    if (timeMs < (this.#standingMs ?? Number.POSITIVE_INFINITY)) this.#keepAlive(this.#arm(timeMs));
  }

  /** After waking: work may be pending without an alarm, which the platform drops when it fails too often. */
  recover(timeMs: number | undefined): void {
    if (timeMs !== undefined) this.#keepAlive(this.#armUnlessStanding(timeMs));
  }

  /**
   * Does an alarm's work: groups of steps one after the other, the steps of a group side by side. One that fails keeps
   * no other from being done, and is reported. Armed first of all, and durably: should the work hang or end the object,
   * the next alarm still comes. Armed last to what `next` says.
   */
  async work(groups: readonly (readonly Step[])[], next: () => number | undefined): Promise<void> {
    this.#isWorking = true;
    const errors: unknown[] = [];
    try {
      await this.#arm(this.#deps.now() + watchdogMs);
      await this.#deps.storage.sync();
      for (const steps of groups) errors.push(...(await failuresOf(steps)));
    } finally {
      this.#isWorking = false;
    }
    await this.#arm(this.#after(errors, next));
  }

  /** When to come next. What failed is not asked for at once, lest it fail without a pause. */
  #after(errors: unknown[], next: () => number | undefined): number | undefined {
    let timeMs: number | undefined;
    try {
      timeMs = next();
    } catch (error) {
      errors.push(error);
    }
    if (errors.length === 0) {
      this.#failures = 0;
      return timeMs;
    }
    const delayMs = Math.min(watchdogMs, firstRetryMs * 2 ** Math.min(this.#failures, 16));
    this.#failures += 1;
    const reasons = errors.map((error) => (error instanceof Error ? error.message : String(error)));
    this.#deps.report("alarm_failed", { reasons, failures: this.#failures, delayMs });
    return this.#deps.now() + delayMs;
  }

  /** Who is told that all is safe relies on the alarm: without it the class starts over, and is told again. */
  #keepAlive(arming: Promise<void>): void {
    this.#deps.keepAlive(arming.catch(() => this.#deps.abort("The alarm could not be set.")));
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

async function failuresOf(steps: readonly Step[]): Promise<unknown[]> {
  const outcomes = await Promise.allSettled(steps.map(async (step) => step()));
  return outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
}
