import type { Disk } from "./disk.ts";
import { type Instance, isInjected, stackOf } from "./instance.ts";
import type { MachineFaults } from "./machine-faults.ts";
import type { Random } from "./random.ts";
import type { World } from "./world.ts";

const alarmRetries = 6;

export interface PlatformAlarmDeps {
  readonly world: World;
  readonly disk: Disk;
  readonly random: Random;
  faults(): MachineFaults;
  wake(): Instance | undefined;
  /** What the class writes meanwhile is made durable. */
  flushLater(): void;
}

/** The platform's alarm: late, twice, and given up after too many failures. */
export class PlatformAlarm {
  readonly #deps: PlatformAlarmDeps;
  #cancel: (() => void) | undefined;
  #failures = 0;
  #isRunning = false;
  #isLost = false;

  constructor(deps: PlatformAlarmDeps) {
    this.#deps = deps;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Whether it was ever given up. */
  get isLost(): boolean {
    return this.#isLost;
  }

  schedule(): void {
    const { world, disk, random, faults } = this.#deps;
    this.#cancel?.();
    this.#cancel = undefined;
    const { alarmMs } = disk;
    if (alarmMs === null || this.#isRunning) return;
    const lateMs = random.chance(faults().lateAlarm) ? random.between(100, 120_000) : 0;
    const retryMs = this.#failures === 0 ? 0 : 1_000 * 2 ** this.#failures;
    const dueMs = Math.max(alarmMs - world.now(), retryMs) + lateMs;
    this.#cancel = world.after(dueMs, () => this.#ring());
  }

  /** As after too many failures: what it was set for is still to be done. */
  lose(): void {
    const { world, disk } = this.#deps;
    if (this.#isRunning || disk.isDirty || disk.alarmMs === null) return;
    world.note("the platform gives the alarm up");
    disk.dropAlarm();
    this.#isLost = true;
    this.schedule();
  }

  /** The instance under it has ended. */
  crashed(): void {
    if (this.#isRunning) this.#ended(false);
    this.schedule();
  }

  #ring(): void {
    const { world, disk, wake, flushLater } = this.#deps;
    world.note("alarm");
    this.#isRunning = true;
    const instance = wake();
    // A crash on the way has ended the alarm already.
    if (!instance?.object) return;
    disk.useAlarm();
    instance.busy += 1;
    void instance.object
      .alarm()
      .then(
        () => true,
        (error: unknown) => {
          if (instance.isAlive && !isInjected(error)) world.broken(`the alarm threw: ${stackOf(error)}`);
          return false;
        },
      )
      .then((isDone) => {
        instance.busy -= 1;
        if (instance.isAlive) this.#ended(isDone);
      });
    flushLater();
  }

  #ended(isDone: boolean): void {
    const { world, disk, random, faults, flushLater } = this.#deps;
    this.#isRunning = false;
    const isStanding = disk.finishAlarm(isDone);
    flushLater();
    if (isDone) {
      this.#failures = 0;
      if (random.chance(faults().twiceAlarm)) {
        world.after(random.between(0, 5_000), () => {
          if (!this.#isRunning) this.#ring();
        });
      }
    } else if (isStanding) {
      this.#failures += 1;
      if (this.#failures > alarmRetries) {
        world.note("the platform gives the alarm up");
        disk.dropAlarm();
        this.#failures = 0;
        this.#isLost = true;
      }
    }
    this.schedule();
  }
}
