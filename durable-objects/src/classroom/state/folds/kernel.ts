import type { Fold } from "../fold-context.ts";
import { keepLatest, latest, orderOf } from "../order.ts";

const rememberedKernels = 16;

/** A kernel that is gone runs nothing: what was running in its notebook and got no end of its own is killed. */
export const foldKernelGone: Fold = (logged, { student, changes }) => {
  const notebook = logged.event.notebookPath;
  const known = student.kernelsGone.find((gone) => gone.notebook === notebook);
  const gone = latest(known, { key: orderOf(logged), notebook });
  student.kernelsGone = student.kernelsGone.filter((other) => other !== known);
  keepLatest(student.kernelsGone, gone, rememberedKernels);
  for (const run of student.runs) if (!run.ended) changes.runs.add(`${student.id}/${run.slot}`);
};
