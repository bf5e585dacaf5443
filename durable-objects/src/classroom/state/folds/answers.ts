import type { Fold } from "../fold-context.ts";
import { latest, orderOf } from "../order.ts";

export const foldProgress: Fold = (logged, { student }) => {
  const { passed, total } = logged.event;
  if (passed === undefined || total === undefined) return;
  student.progress = latest(student.progress, { key: orderOf(logged), passed, total });
};

export const foldCheckin: Fold = (logged, { student }) => {
  const { choice } = logged.event;
  if (choice === undefined) return;
  student.checkin = latest(student.checkin, { key: orderOf(logged), choice, atMs: logged.timeMs });
};
