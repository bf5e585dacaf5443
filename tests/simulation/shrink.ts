import type { FaultKind } from "./fault-kinds.ts";
import { runSchedule, type ScheduleOptions, type ScheduleResult } from "./schedule.ts";

/** The same schedule with as few kinds of faults as it takes to fail. */
export async function shrink(options: ScheduleOptions): Promise<ScheduleResult> {
  const without: FaultKind[] = [...(options.without ?? [])];
  let failing = await runSchedule({ ...options, without });
  for (const kind of failing.faults) {
    const tried = await runSchedule({ ...options, without: [...without, kind] });
    if (tried.violation === undefined) continue;
    without.push(kind);
    failing = tried;
  }
  return runSchedule({ ...options, without, keepsTrace: true });
}

/** How to see it again, and what happened up to where it went wrong. */
export function reportOf({ seed, faults, violation, trace }: ScheduleResult): string {
  const kinds = faults.length === 0 ? "none" : faults.join(",");
  return [
    `Schedule ${seed} breaks a promise: ${violation}`,
    `Faults that it takes: ${kinds}`,
    ...trace,
    `To see it again: npm run simulate -- --seed ${seed} --schedules 1 --only ${kinds}`,
  ].join("\n");
}
