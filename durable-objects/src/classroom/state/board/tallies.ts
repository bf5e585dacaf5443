import type { ClassEvent, CellRole } from "@cell-monitor/protocol";
import type { LoggedEvent } from "../../../sinks/sink.ts";
import type { ReferenceCell } from "../../lesson.ts";
import type { ScopeBoard, Tally, TallyContext } from "./board-state.ts";
import { exerciseOf, referenceCellOf } from "./cells.ts";
import { shownLesson } from "./scope.ts";
import { noteRun, type Outcome, outcomes } from "./work.ts";

/** An error that the notebook's author wants to see. */
export function isExpectedError({ cellTags }: ClassEvent, role?: CellRole): boolean {
  return role === "expected_error" || cellTags?.includes("raises-exception") === true;
}

/** A run that has ended. One that the kernel turned away counts as nothing. */
export const tallyRunEnd: Tally = (logged, context) => {
  const { event, timeMs, version } = logged;
  const { status } = event;
  if (status === undefined || status === "aborted") return;
  const { minute, current, student, changes } = context;
  const cell = current && cellOf(logged, current, context);
  const told = cell?.number;
  const isFailure = status === "error" && !isExpectedError(event, cell?.reference?.role);
  if (minute) {
    minute.runs += 1;
    // By its tags alone: a minute is counted whatever the lesson says of the cell.
    if (status === "error" && !isExpectedError(event)) minute.errors += 1;
  }
  if (!current) return;
  if (isFailure) changes.errors.add(current.errors.note({ event, student, cell: told, timeMs, version }));
  if (!cell) return;
  const work = cell.cell.work.of(student) ?? cell.cell.work.begin(student);
  const endedMs = timeMs - current.scope.startMs;
  noteRun(work, {
    beganMs: Math.max(0, Math.round(endedMs - (event.executionDurationMs ?? 0))),
    endedMs,
    isFailure,
    outcome: outcomeOf(event, isFailure, cell.reference),
    sequence: event.sequence ?? 0,
  });
};

/** A raised hand, its reminders apart. */
export const tallyHelp: Tally = ({ event, studentId, timeMs }, { minute, board, changes }) => {
  if (!minute) return;
  // A client that doesn't name its requests raises one a minute at most.
  const key = `${studentId}/${event.helpId ?? minute.number}`;
  const before = board.minutes.noteHand(key, timeMs, minute);
  if (before) changes.minutes.add(before.number);
};

function cellOf(logged: LoggedEvent, current: ScopeBoard, { board, changes }: TallyContext) {
  const { version } = logged;
  const lesson = shownLesson(board);
  const number = current.cells.of(logged, lesson);
  const cell = number === undefined ? undefined : current.cells.list[number];
  if (number === undefined || !cell) return undefined;
  cell.version = Math.max(cell.version, version);
  changes.cells.add(number);
  const exercise = exerciseOf(current.cells, cell, lesson);
  if (exercise !== undefined) {
    changes.cells.add(exercise);
    const checked = current.cells.list[exercise];
    if (checked) checked.version = Math.max(checked.version, version);
  }
  return { cell, number, reference: referenceCellOf(cell, lesson) };
}

function outcomeOf(event: ClassEvent, isFailure: boolean, reference: ReferenceCell | undefined): Outcome {
  const isExpected = event.status === "error" && !isFailure;
  if (event.status !== "ok" && !isExpected) return outcomes.failed;
  // Running what was handed out solves nothing.
  const isUntouched =
    reference?.role === "exercise" &&
    reference.sourceHash !== undefined &&
    event.sourceHash === reference.sourceHash;
  return isUntouched ? outcomes.ok : outcomes.passed;
}
