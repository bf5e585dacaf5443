import type { Fold } from "../fold.ts";

export const foldSessionEnd: Fold = (logged, { student, changes }) => {
  if (Object.values(student.sessions).includes(true)) return;
  for (const run of student.runs) {
    if (run.ended) continue;
    // The kernel may go on, but nobody is left who could tell its end.
    run.ended = true;
    run.endedMs = logged.timeMs;
    changes.runs.add(`${student.id}/${run.slot}`);
  }
};
