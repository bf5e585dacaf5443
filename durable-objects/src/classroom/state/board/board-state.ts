import type { LoggedEvent } from "../../../sinks/sink.ts";
import type { Lesson } from "../../lesson.ts";
import type { Cells } from "./cells.ts";
import type { ErrorGroups } from "./errors.ts";
import type { Minute, Minutes } from "./minutes.ts";
import type { Scope } from "./scope.ts";

/** What a class knows of its cells and errors, in one lesson or on one day. */
export interface ScopeBoard {
  readonly scope: Scope;
  /** Part of its entities' ids: those of an earlier one are no more. */
  readonly number: number;
  /** Of the class when this began, or when the lesson last became another. */
  sinceVersion: number;
  readonly cells: Cells;
  readonly errors: ErrorGroups;
}

/**
 * What a class knows together, beyond each student: a function of the set of events that were logged and of the lesson
 * as it stands now, and of nothing else. See docs/adr/0006-what-a-class-knows-together.md.
 */
export interface Board {
  lesson: Lesson | undefined;
  /** Time of the newest event, Unix ms. */
  latestMs: number;
  current: ScopeBoard;
  readonly minutes: Minutes;
  /** Numbers of students, in the order they were met; they stand for them wherever there are many. */
  readonly students: Map<string, number>;
}

/** What an event changed of the board, by the numbers of cells, errors and minutes. */
export interface BoardChanges {
  /** The lesson became another, or the day did. */
  lesson: boolean;
  readonly cells: Set<number>;
  readonly errors: Set<number>;
  readonly minutes: Set<number>;
}

/** Where an event is counted. */
export interface TallyContext {
  readonly board: Board;
  readonly changes: BoardChanges;
  readonly student: number;
  /** Of the event; undefined: too long ago, or counted before. */
  readonly minute: Minute | undefined;
  /** Undefined: the event is of another lesson or day. */
  readonly current: ScopeBoard | undefined;
}

/** How one type of event counts in what the class knows together. */
export type Tally = (logged: LoggedEvent, context: TallyContext) => void;

export function noBoardChanges(): BoardChanges {
  return { lesson: false, cells: new Set(), errors: new Set(), minutes: new Set() };
}

/** Takes over later changes. What has become another scope's by then is looked up in vain, and left out. */
export function mergeBoardChanges(into: BoardChanges, later: BoardChanges): void {
  if (later.lesson) into.lesson = true;
  for (const number of later.cells) into.cells.add(number);
  for (const number of later.errors) into.errors.add(number);
  for (const number of later.minutes) into.minutes.add(number);
}
