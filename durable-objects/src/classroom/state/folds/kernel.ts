import type { Fold } from "../fold.ts";
import { isAfter, orderOf } from "../order.ts";

/** A kernel that is gone runs nothing: what was running in its notebook and got no end of its own is killed. */
export const foldKernelGone: Fold = (logged, { student, changes }) => {
  const key = orderOf(logged);
  for (const run of student.runs) {
    if (run.ended || run.notebook !== logged.event.notebookPath || !isAfter(key, run.key)) continue;
    run.ended = true;
    run.status = "killed";
    run.endedMs = logged.timeMs;
    changes.runs.add(`${student.id}/${run.slot}`);
  }
};
