import type { LoggedEvent } from "../../sinks/sink.ts";
import { type BoardChanges, noBoardChanges } from "./board/board-state.ts";
import type { StudentState } from "./student-state.ts";

/** What an event changed, by the ids of entities. */
export interface Changes {
  readonly students: Set<string>;
  readonly notebooks: Set<string>;
  /** Run entities, `studentId/slot`. */
  readonly runs: Set<string>;
  /** Of what the class knows together. */
  readonly board: BoardChanges;
  /** Something an instructor must not wait for: a raised hand, a new streak of errors. */
  urgent: boolean;
}

export function noChanges(): Changes {
  return {
    students: new Set(),
    notebooks: new Set(),
    runs: new Set(),
    board: noBoardChanges(),
    urgent: false,
  };
}

export interface FoldContext {
  readonly student: StudentState;
  readonly changes: Changes;
  /** Errors in a row that make a student stuck. */
  readonly stuckAfterErrors: number;
}

/** How one type of event changes what a class knows. */
export type Fold = (logged: LoggedEvent, context: FoldContext) => void;
