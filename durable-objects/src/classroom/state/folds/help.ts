import type { LoggedEvent } from "../../../sinks/sink.ts";
import type { Fold } from "../fold.ts";
import { isAfter, orderOf } from "../order.ts";
import { type HelpState, isOpen, type StudentState } from "../student-state.ts";
import { placeOf } from "./place.ts";

const rememberedHelps = 16;

/** Requests of clients that don't name theirs are one and the same, raised and lowered. */
export const unnamedHelp = "unnamed";

export const foldHelp: Fold = (logged, { student, changes }) => {
  const help = helpOf(student, logged);
  const key = orderOf(logged);
  const wasOpen = isOpen(help);
  if (isAfter(key, help.raised)) help.raised = key;
  if (!isOpen(help)) return;
  if (wasOpen) {
    help.sinceMs = Math.min(help.sinceMs, logged.timeMs);
  } else {
    help.sinceMs = logged.timeMs;
    changes.urgent = true;
  }
  const { note } = logged.event;
  if (note !== undefined) help.note = note;
  if (logged.event.notebookPath !== undefined) Object.assign(help, placeOf(logged.event));
};

export const foldHelpStop: Fold = (logged, { student, changes }) => {
  const help = helpOf(student, logged);
  const key = orderOf(logged);
  if (isAfter(key, help.stopped)) help.stopped = key;
  changes.urgent = true;
};

function helpOf(student: StudentState, { event, timeMs }: LoggedEvent): HelpState {
  const helpId = event.helpId ?? unnamedHelp;
  let help = student.helps.find((known) => known.helpId === helpId);
  if (!help) {
    help = { helpId, sinceMs: timeMs };
    student.helps.push(help);
    if (student.helps.length > rememberedHelps) student.helps.splice(student.helps.findIndex((old) => !isOpen(old)), 1);
  }
  return help;
}
