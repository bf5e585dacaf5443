import type { ClassSettings } from "./settings.ts";
import type { DeadLetters } from "./storage/dead-letters.ts";
import type { Log } from "./storage/log.ts";
import type { Recorder } from "./recorder.ts";

const dayMs = 24 * 60 * 60 * 1000;

export interface RetentionDeps {
  readonly log: Pick<Log, "oldestDayEndMs" | "finishedDays">;
  readonly recorder: Pick<Recorder, "drop" | "makeRoom">;
  readonly deadLetters: Pick<DeadLetters, "expire">;
  /** Has the stores forget what is older. */
  forget(beforeMs: number): void;
  /** Letters may have gone. */
  lettersChanged(): void;
  now(): number;
  settings(): Pick<ClassSettings, "retentionDays"> | undefined;
  /** Version that every store has; undefined while there are none to ask. */
  drainedVersion(): number | undefined;
  /** Whether what the stores have should make room for what they lack. */
  isCramped(): boolean;
}

/** Which days of the log may go, and when. A day that a store still lacks stays, however old. */
export class Retention {
  readonly #deps: RetentionDeps;

  constructor(deps: RetentionDeps) {
    this.#deps = deps;
  }

  /** When a day has to go, Unix ms. A day that waits for a store has no time of its own: the store has one. */
  dueMs(): number | undefined {
    const { log, now, settings } = this.#deps;
    const endMs = log.oldestDayEndMs();
    const current = settings();
    if (!current || endMs === undefined) return undefined;
    const dropMs = endMs + current.retentionDays * dayMs;
    return dropMs > now() || this.#finishedDays(current).length > 0 ? Math.max(dropMs, now()) : undefined;
  }

  /** Drops what is due, and with it what is known of sessions and letters of those days. */
  run(): void {
    const { recorder, deadLetters, forget, lettersChanged, settings } = this.#deps;
    const current = settings();
    if (!current) return;
    const days = this.#finishedDays(current);
    if (days.length > 0) {
      const endMs = (Math.max(...days) + 1) * dayMs;
      deadLetters.expire(endMs);
      recorder.drop(days, endMs);
      forget(endMs);
      lettersChanged();
    }
    this.#makeRoom();
  }

  #makeRoom(): void {
    const { log, recorder, drainedVersion, now, isCramped } = this.#deps;
    const version = drainedVersion();
    if (version === undefined || !isCramped()) return;
    for (const day of log.finishedDays(now(), version)) {
      if (!isCramped()) return;
      recorder.drop([day]);
    }
    if (isCramped()) recorder.makeRoom(version);
  }

  #finishedDays({ retentionDays }: Pick<ClassSettings, "retentionDays">): readonly number[] {
    const { log, now, drainedVersion } = this.#deps;
    const version = drainedVersion();
    return version === undefined ? [] : log.finishedDays(now() - retentionDays * dayMs, version);
  }
}
