import type { ClassEvent } from "@cell-monitor/protocol";
import type { LoggedEvent } from "../../../sinks/sink.ts";
import { isAfter, latest, orderOf } from "../order.ts";
import type { StudentState } from "../student-state.ts";

/** Where an event happened, in the fields that state keeps. */
export function placeOf(event: ClassEvent) {
  return { notebook: event.notebookPath, cellId: event.cellId, cellIndex: event.cellIndex };
}

/** One cell of one notebook. A cell without an id goes by its place. */
export function cellKeyOf(event: ClassEvent): string {
  return `${event.notebookPath ?? ""}#${event.cellId ?? event.cellIndex ?? ""}`;
}

export function notePlace(student: StudentState, logged: LoggedEvent): void {
  const { notebookPath, cellId, cellIndex } = logged.event;
  const key = orderOf(logged);
  if (notebookPath !== undefined)
    student.notebookAt = latest(student.notebookAt, { key, text: notebookPath });
  if (cellId !== undefined || cellIndex !== undefined) {
    student.cellAt = latest(student.cellAt, { key, ...placeOf(logged.event) });
  }
}

/** Where the student is: the cell last worked in, unless another notebook came after it. */
export function currentPlace({ notebookAt, cellAt }: StudentState): ReturnType<typeof placeOf> | undefined {
  const hasMoved = notebookAt && notebookAt.text !== cellAt?.notebook && isAfter(notebookAt.key, cellAt?.key);
  if (hasMoved) return { notebook: notebookAt.text, cellId: undefined, cellIndex: undefined };
  return cellAt && { notebook: cellAt.notebook, cellId: cellAt.cellId, cellIndex: cellAt.cellIndex };
}
