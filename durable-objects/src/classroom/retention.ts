import type { ClassSettings } from "./settings.ts";
import type { Log } from "./storage/log.ts";

const dayMs = 24 * 60 * 60 * 1000;

export interface RetentionDeps {
  readonly log: Pick<Log, "oldestDayEndMs" | "finishedDays">;
  now(): number;
  settings(): Pick<ClassSettings, "retentionDays"> | undefined;
  /** Version that every store has; undefined while there are none to ask. */
  drainedVersion(): number | undefined;
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
    return dropMs > now() || this.finishedDays().length > 0 ? Math.max(dropMs, now()) : undefined;
  }

  finishedDays(): readonly number[] {
    const { log, now, settings, drainedVersion } = this.#deps;
    const [current, version] = [settings(), drainedVersion()];
    if (!current || version === undefined) return [];
    return log.finishedDays(now() - current.retentionDays * dayMs, version);
  }
}
