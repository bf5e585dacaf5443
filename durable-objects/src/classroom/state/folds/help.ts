import { cutText } from "@cell-monitor/protocol";
import * as v from "valibot";
import type { LoggedEvent } from "../../../sinks/sink.ts";
import type { Fold } from "../fold-context.ts";
import { compareOrder, isAfter, latest, orderOf } from "../order.ts";
import { type HelpState, raisedMs, type StudentState } from "../student-state.ts";
import { placeOf } from "./place.ts";

/** Who did something to a request. */
const staffSchema = v.object({ by: v.string(), byName: v.optional(v.string()) });

const rememberedHelps = 16;
const rememberedRaises = 16;
/** Of a note, as far as it is shown; the log has all of it. */
const noteBytes = 1024;

/** Requests of clients that don't name theirs are one and the same, raised and lowered. */
export const unnamedHelp = "unnamed";

export const foldHelp: Fold = (logged, { student, changes }) => {
  const { note, notebookPath } = logged.event;
  const help = helpOf(student, logged);
  const key = orderOf(logged);
  if (isAfter(key, help.stopped)) {
    if (help.raises.length === 0) changes.urgent = true;
    help.raises.push(key);
    help.raises.sort(compareOrder);
    // The first says since when and the last that it is still so; those between say nothing more.
    if (help.raises.length > rememberedRaises) help.raises.splice(-2, 1);
  }
  if (note !== undefined) help.note = latest(help.note, { key, text: cutText(note, noteBytes) });
  if (notebookPath !== undefined) help.place = latest(help.place, { key, ...placeOf(logged.event) });
};

export const foldHelpStop: Fold = (logged, { student, changes }) => {
  const help = helpOf(student, logged);
  const key = orderOf(logged);
  if (!isAfter(key, help.stopped)) return;
  help.stopped = key;
  help.raises = help.raises.filter((raise) => isAfter(raise, key));
  changes.urgent = true;
};

/** Somebody goes to the student. */
export const foldHelpClaim: Fold = (logged, { student, changes }) => {
  const { by, byName } = v.parse(staffSchema, logged.event.metadata);
  const help = helpOf(student, logged);
  const holder = { id: by, ...(byName !== undefined && { name: byName }) };
  help.claim = latest(help.claim, { key: orderOf(logged), by: holder });
  changes.urgent = true;
};

/** Nobody does any more. */
export const foldHelpRelease: Fold = (logged, { student, changes }) => {
  const help = helpOf(student, logged);
  help.claim = latest(help.claim, { key: orderOf(logged) });
  changes.urgent = true;
};

function helpOf(student: StudentState, { event }: LoggedEvent): HelpState {
  const helpId = event.helpId ?? unnamedHelp;
  let help = student.helps.find((known) => known.helpId === helpId);
  if (!help) {
    if (student.helps.length >= rememberedHelps) {
      const closed = student.helps.findIndex((old) => raisedMs(old) === undefined);
      student.helps.splice(Math.max(closed, 0), 1);
    }
    help = { helpId, raises: [] };
    student.helps.push(help);
  }
  return help;
}
