import { eventRegistry } from "../../../src/event-types/registry.ts";
import type { LoggedEvent } from "../../../src/sinks/sink.ts";
import { lessonSchema, type Lesson } from "../../../src/classroom/lesson.ts";
import { setLesson } from "../../../src/classroom/state/board/board.ts";
import type { BoardChanges } from "../../../src/classroom/state/board/board-state.ts";
import { cellData } from "../../../src/classroom/state/board/entities.ts";
import { ClassState } from "../../../src/classroom/state/class-state.ts";
import { isListed } from "@cell-monitor/protocol";
import * as v from "valibot";
import { foldAll } from "./fold.ts";

export function lessonOf(given: v.InferInput<typeof lessonSchema>): Lesson {
  return v.parse(lessonSchema, given);
}

/** What stands in the log when a lesson changes, newest first, as the log gives it. */
export function change(
  state: ClassState,
  lesson: Lesson | undefined,
  log: readonly LoggedEvent[],
): BoardChanges {
  const since = (sinceMs: number) => log.filter(({ timeMs }) => timeMs >= sinceMs).toReversed();
  return setLesson(state.board, lesson, state.version, since, eventRegistry);
}

/** A class whose lesson has begun, after what was logged in it. */
export function classIn(lesson: Lesson | undefined, log: readonly LoggedEvent[]): ClassState {
  const state = new ClassState();
  change(state, lesson, []);
  return foldAll(log, state);
}

/** The board without what only says in which order it came about: versions, numbers, the order of lists. */
export function boardEssence({ board }: ClassState) {
  const { lesson, latestMs, current, minutes } = board;
  const named = (bits: readonly number[]) =>
    [...board.students].flatMap(([id, number]) => (isListed(bits, number) ? [id] : [])).toSorted();
  const cells = current.cells.list.map((cell) => {
    const { reachedBy, passedBy, ...data } = cellData(board, cell);
    return { key: cell.key, ...data, reachedBy: named(reachedBy), passedBy: named(passedBy) };
  });
  const keys = current.cells.list.map(({ key }) => key);
  const errors = current.errors.list.map(({ version: _version, students, cells: numbers, ...error }) => ({
    ...error,
    students: named(students),
    cells: new Set(numbers.map((number) => keys[number])),
  }));
  const byMinute = Array.from(minutes.byNumber.values(), ({ version: _version, students, ...minute }) => ({
    ...minute,
    students: named(students),
  }));
  return {
    lesson,
    latestMs,
    scope: current.scope,
    cells: cells.toSorted((a, b) => (a.key < b.key ? -1 : 1)),
    errors: errors.toSorted((a, b) => (a.key < b.key ? -1 : 1)),
    minutes: byMinute.toSorted((a, b) => a.number - b.number),
    hands: new Map(minutes.hands),
  };
}
