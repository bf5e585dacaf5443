import type { Fold } from "../fold.ts";
import { isAfter, orderOf } from "../order.ts";

export const foldProgress: Fold = (logged, { student }) => {
  const { passed, total } = logged.event;
  const key = orderOf(logged);
  if (passed === undefined || total === undefined || !isAfter(key, student.progress?.key)) return;
  student.progress = { key, passed, total };
};

export const foldCheckin: Fold = (logged, { student }) => {
  const { choice } = logged.event;
  const key = orderOf(logged);
  if (choice === undefined || !isAfter(key, student.checkin?.key)) return;
  student.checkin = { key, choice, atMs: logged.timeMs };
};
