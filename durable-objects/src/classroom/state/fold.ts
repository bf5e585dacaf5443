import type { EventType } from "../../event-types/event-type.ts";
import { eventRegistry } from "../../event-types/registry.ts";
import type { LoggedEvent } from "../../sinks/sink.ts";
import { tally } from "./board/board.ts";
import { studentOf } from "./class-state.ts";
import type { FoldContext } from "./fold-context.ts";
import { notePlace } from "./folds/place.ts";
import { noteSession } from "./folds/session.ts";
import { latest, orderOf } from "./order.ts";
import type { StudentState } from "./student-state.ts";

/**
 * Applies one event to the state. Deterministic: checkpoint and tail give what the whole log gives.
 * @param types what types mean; one that has no entry counts as activity, at the place it names, and nothing else
 */
export function fold(
  logged: LoggedEvent,
  context: Omit<FoldContext, "student">,
  types: ReadonlyMap<string, EventType> = eventRegistry,
): void {
  const { state, changes } = context;
  const { event, studentId, receivedMs, timeMs } = logged;
  const student = studentOf(state, studentId);
  state.version = Math.max(state.version, logged.version);
  student.version = logged.version;
  changes.students.add(studentId);
  // By its arrival: what was done offline, or under a clock that was set since, is told by somebody who is there now.
  student.seenMs = Math.max(student.seenMs, receivedMs);
  const type = types.get(event.eventType);
  if (type?.isActivity !== false) student.activeMs = Math.max(student.activeMs, timeMs);
  identify(student, logged);
  if (event.sessionId !== undefined) noteSession(student, event.sessionId, receivedMs);
  noteNotebook(context, logged);
  type?.fold?.(logged, { ...context, student });
  notePlace(student, logged);
  tally(logged, state.board, changes.board, type);
}

function identify(student: StudentState, logged: LoggedEvent): void {
  const { userId, userName, teamName } = logged.event;
  const key = orderOf(logged);
  // Before any name, whenever that was said.
  if (userId !== undefined) student.name = latest(student.name, { key: [0, 0, userId], text: userId });
  if (userName !== undefined) student.name = latest(student.name, { key, text: userName });
  if (teamName !== undefined) student.team = latest(student.team, { key, text: teamName });
}

/** Of a class. A student who makes up paths must not grow what every dashboard is sent. */
const rememberedNotebooks = 500;

/** The last by name goes, so that those that stay are the same in whatever order they were heard of. */
function forgetLast(notebooks: Map<string, unknown>): void {
  let last = "";
  for (const path of notebooks.keys()) if (path > last) last = path;
  notebooks.delete(last);
}

function noteNotebook({ state, changes }: Pick<FoldContext, "state" | "changes">, logged: LoggedEvent): void {
  const { notebookPath: path, cellIndex, metadata } = logged.event;
  if (path === undefined) return;
  const known = state.notebooks.get(path);
  const told = metadata?.["cellCount"];
  const toldCount =
    typeof told === "number" && Number.isInteger(told) && told >= 0 && told <= 10_000 ? told : 0;
  const cellCount = Math.max(known?.cellCount ?? 0, toldCount, Math.min((cellIndex ?? -1) + 1, 10_000));
  if (known && known.cellCount === cellCount) return;
  state.notebooks.set(path, { path, cellCount, version: logged.version });
  changes.notebooks.add(path);
  if (state.notebooks.size > rememberedNotebooks) forgetLast(state.notebooks);
}
