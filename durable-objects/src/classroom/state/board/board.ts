import type { EventType } from "../../../event-types/event-type.ts";
import type { LoggedEvent } from "../../../sinks/sink.ts";
import type { Lesson } from "../../lesson.ts";
import { type Board, type BoardChanges, noBoardChanges, type ScopeBoard } from "./board-state.ts";
import { cellsOf } from "./cells.ts";
import { ErrorGroups } from "./errors.ts";
import { Minutes, noteActive } from "./minutes.ts";
import { compareScopes, currentScope, dayMs, lessonEndMs, type Scope, scopeAt } from "./scope.ts";

type Types = ReadonlyMap<string, EventType>;

export function newBoard(): Board {
  return {
    lesson: undefined,
    latestMs: 0,
    current: newScopeBoard(scopeAt(0, undefined), undefined, 0, 0),
    minutes: new Minutes(),
    students: new Map(),
  };
}

function newScopeBoard(
  scope: Scope,
  lesson: Lesson | undefined,
  number: number,
  sinceVersion: number,
): ScopeBoard {
  const cells = cellsOf(scope.kind === "lesson" ? lesson : undefined, sinceVersion);
  return { scope, number, sinceVersion, cells, errors: new ErrorGroups() };
}

/** Counts an event in its minute, and in the lesson or day it is of if that is the one shown. */
export function tally(
  logged: LoggedEvent,
  board: Board,
  changes: BoardChanges,
  type: EventType | undefined,
): void {
  const { timeMs, version, studentId } = logged;
  board.latestMs = Math.max(board.latestMs, timeMs);
  const student = numberOf(board, studentId);
  const minute = board.minutes.at(timeMs, version, (number) => changes.minutes.add(number));
  if (minute) {
    changes.minutes.add(minute.number);
    minute.events += 1;
    if (type?.isActivity !== false) noteActive(minute, student);
  }
  const current = enterScope(logged, board, changes) ? board.current : undefined;
  type?.tally?.(logged, { board, changes, student, minute, current });
}

/** @returns whether the event is of the scope that is shown, which it may itself have begun */
function enterScope({ timeMs, version }: LoggedEvent, board: Board, changes: BoardChanges): boolean {
  const { lesson, current } = board;
  const { scope, number } = current;
  if (!lesson && timeMs >= scope.startMs && timeMs < scope.startMs + dayMs) return true;
  const own = scopeAt(timeMs, lesson);
  const order = compareScopes(own, scope);
  if (order <= 0) return order === 0;
  board.current = newScopeBoard(own, lesson, number + 1, version);
  changes.lesson = true;
  return true;
}

function numberOf({ students }: Board, studentId: string): number {
  let number = students.get(studentId);
  if (number === undefined) {
    number = students.size;
    students.set(studentId, number);
  }
  return number;
}

/** Whether what was counted stands when the lesson becomes another; titles and breaks change no count. */
function isSameCount({ lesson: known, latestMs }: Board, next: Lesson | undefined): boolean {
  if (!known || !next) return known === next;
  if (known.startedMs !== next.startedMs || known.id !== next.id) return false;
  if (JSON.stringify(known.reference) !== JSON.stringify(next.reference)) return false;
  const [knownEndMs, nextEndMs] = [lessonEndMs(known), lessonEndMs(next)];
  return knownEndMs === nextEndMs || Math.min(knownEndMs, nextEndMs) > latestMs;
}

/**
 * Takes over the lesson as it stands now, and counts anew what it changes.
 * @param logged the events that happened since a time, in any order; older ones among them do no harm
 */
export function setLesson(
  board: Board,
  lesson: Lesson | undefined,
  version: number,
  logged: (sinceMs: number) => Iterable<LoggedEvent>,
  types: Types,
): BoardChanges {
  const isSame = isSameCount(board, lesson);
  board.lesson = lesson;
  if (!isSame) countAnew(board, version, logged, types);
  const { current } = board;
  // What students took depends on the breaks, so that all cells are sent again to who comes back.
  current.sinceVersion = version;
  const changes = noBoardChanges();
  changes.lesson = true;
  for (const number of current.cells.list.keys()) changes.cells.add(number);
  for (const number of current.errors.list.keys()) changes.errors.add(number);
  return changes;
}

function countAnew(
  board: Board,
  version: number,
  logged: (sinceMs: number) => Iterable<LoggedEvent>,
  types: Types,
): void {
  const { lesson } = board;
  const scope = currentScope(board.latestMs, lesson);
  const current = newScopeBoard(scope, lesson, board.current.number + 1, version);
  board.current = current;
  const changes = noBoardChanges();
  for (const event of logged(scope.startMs)) {
    if (compareScopes(scopeAt(event.timeMs, lesson), scope) !== 0) continue;
    const student = numberOf(board, event.studentId);
    types.get(event.event.eventType)?.tally?.(event, { board, changes, student, minute: undefined, current });
  }
}
