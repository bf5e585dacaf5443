import type { EventType } from "../../event-types/event-type.ts";
import { eventRegistry } from "../../event-types/registry.ts";
import type { LoggedEvent } from "../../sinks/sink.ts";
import { tally } from "./board/board.ts";
import type { ClassState, NotebookState } from "./class-state.ts";
import type { Changes, FoldContext } from "./fold-context.ts";
import { notePlace } from "./folds/place.ts";
import { noteSession } from "./folds/session.ts";
import { latest, orderOf } from "./order.ts";
import type { StudentState } from "./student-state.ts";

type Types = ReadonlyMap<string, EventType>;

/**
 * Applies one event to the state. Deterministic: checkpoint and tail give what the whole log gives.
 * @param types what types mean; one that has no entry counts as activity, at the place it names, and nothing else
 */
export function fold(
  logged: LoggedEvent,
  { state, ...context }: Omit<FoldContext, "student"> & { readonly state: ClassState },
  types: Types = eventRegistry,
): void {
  state.version = Math.max(state.version, logged.version);
  foldStudent(logged, { ...context, student: state.students.of(logged.studentId) }, types);
  foldTogether(logged, state, context.changes, types);
}

/** Applies an event to what is known of its student, which is all of this student's events, in the order of the log. */
export function foldStudent(logged: LoggedEvent, context: FoldContext, types: Types = eventRegistry): void {
  const { student, changes } = context;
  const { event, studentId, receivedMs, timeMs } = logged;
  student.version = logged.version;
  changes.students.add(studentId);
  // By its arrival: what was done offline, or under a clock that was set since, is told by somebody who is there now.
  const type = types.get(event.eventType);
  if (type?.isOfStaff !== true) student.seenMs = Math.max(student.seenMs, receivedMs);
  if (type?.isActivity !== false) student.activeMs = Math.max(student.activeMs, timeMs);
  identify(student, logged);
  if (event.sessionId !== undefined) noteSession(student, event.sessionId, receivedMs);
  type?.fold?.(logged, context);
  notePlace(student, logged);
}

/** Applies an event to what the class knows beyond each student. */
export function foldTogether(
  logged: LoggedEvent,
  state: Pick<ClassState, "notebooks" | "board">,
  changes: Changes,
  types: Types = eventRegistry,
): void {
  noteNotebook(state.notebooks, changes, logged);
  tally(logged, state.board, changes.board, types.get(logged.event.eventType));
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

function noteNotebook(notebooks: Map<string, NotebookState>, changes: Changes, logged: LoggedEvent): void {
  const { notebookPath: path, cellIndex, metadata } = logged.event;
  if (path === undefined) return;
  const known = notebooks.get(path);
  const told = metadata?.["cellCount"];
  const toldCount =
    typeof told === "number" && Number.isInteger(told) && told >= 0 && told <= 10_000 ? told : 0;
  const cellCount = Math.max(known?.cellCount ?? 0, toldCount, Math.min((cellIndex ?? -1) + 1, 10_000));
  if (known && known.cellCount === cellCount) return;
  notebooks.set(path, { path, cellCount, version: logged.version });
  changes.notebooks.add(path);
  if (notebooks.size > rememberedNotebooks) forgetLast(notebooks);
}
