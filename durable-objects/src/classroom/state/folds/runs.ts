import { limits } from "@cell-monitor/protocol";
import type { LoggedEvent } from "../../../sinks/sink.ts";
import type { Fold, FoldContext } from "../fold.ts";
import { compareOrder, isAfter, orderOf } from "../order.ts";
import type { RunState, StudentState } from "../student-state.ts";
import { cellKeyOf, placeOf } from "./place.ts";

/** Ends that streaks are counted on; a class may not ask for a longer streak. */
const rememberedEnds = 10;
const rememberedCells = 1000;

export const foldRunStart: Fold = (logged, context) => {
  const { executionId } = logged.event;
  if (executionId === undefined) return;
  const run = runOf(logged, executionId, context);
  if (!run) return;
  run.startedMs = logged.timeMs;
  const { code } = logged.event;
  if (code !== undefined) run.code = code;
};

export const foldRunEnd: Fold = (logged, context) => {
  const { event, timeMs } = logged;
  const { student } = context;
  const { status, executionId } = event;
  if (status === undefined || executionId === undefined) return;
  // A run that never ran: after an error in Run All, the kernel turns the rest away.
  if (status === "aborted") {
    dropRun(context, executionId);
    return;
  }
  const run = runOf(logged, executionId, context);
  if (run) {
    const { executionDurationMs, executionCount, errorName, errorMessage, errorTraceback, errorFingerprint } = event;
    Object.assign(run, {
      ended: true,
      status,
      endedMs: timeMs,
      durationMs: executionDurationMs,
      executionCount,
      errorName,
      errorMessage,
      errorTraceback,
      errorFingerprint,
      code: event.code ?? run.code,
      result: event.result,
    });
  }
  student.runCount += 1;
  if (status === "error") student.errorCount += 1;
  if (status === "ok") noteDone(student, cellKeyOf(event));
  const wasStreak = streakOf(student);
  noteEnd(student, logged, status === "error", executionId);
  noteLastRun(student, logged);
  const streak = streakOf(student);
  if (streak > wasStreak && streak >= context.stuckAfterErrors) context.changes.urgent = true;
};

/** Errors in a row on the cell that ended last; an interrupted or killed run neither adds nor clears. */
export function streakOf(student: StudentState): number {
  const last = student.ends.at(-1);
  if (!last?.isError) return 0;
  let streak = 0;
  for (const end of student.ends.toReversed()) {
    if (!end.isError || end.cell !== last.cell) break;
    streak += 1;
  }
  return streak;
}

/** The run that is still going on, the latest if there are several. */
export function runningOf(student: StudentState): RunState | undefined {
  return student.runs.findLast((run) => !run.ended);
}

function runOf(logged: LoggedEvent, executionId: string, { student, changes }: FoldContext): RunState | undefined {
  const key = orderOf(logged);
  let run = student.runs.find((known) => known.executionId === executionId);
  if (!run) {
    const oldest = student.runs[0];
    const isFull = student.runs.length >= limits.recentRuns;
    if (isFull && oldest && compareOrder(key, oldest.key) < 0) return undefined;
    if (isFull) student.runs.shift();
    run = { executionId, slot: freeSlot(student), key, ended: false, ...placeOf(logged.event) };
    student.runs.push(run);
  }
  if (isAfter(key, run.key)) run.key = key;
  student.runs.sort((a, b) => compareOrder(a.key, b.key));
  changes.runs.add(`${student.id}/${run.slot}`);
  return run;
}

function dropRun({ student, changes }: FoldContext, executionId: string): void {
  const run = student.runs.find((known) => known.executionId === executionId);
  if (!run) return;
  student.runs = student.runs.filter((known) => known !== run);
  changes.runs.add(`${student.id}/${run.slot}`);
}

function freeSlot(student: StudentState): number {
  const taken = new Set(student.runs.map(({ slot }) => slot));
  let slot = 0;
  while (taken.has(slot)) slot += 1;
  return slot;
}

function noteDone(student: StudentState, cell: string): void {
  if (!student.doneCells.includes(cell) && student.doneCells.length < rememberedCells) student.doneCells.push(cell);
}

function noteEnd(student: StudentState, logged: LoggedEvent, isError: boolean, executionId: string): void {
  const { status } = logged.event;
  if (status === "interrupted" || status === "killed") return;
  student.ends.push({ key: orderOf(logged), cell: cellKeyOf(logged.event), isError, executionId });
  student.ends.sort((a, b) => compareOrder(a.key, b.key));
  if (student.ends.length > rememberedEnds) student.ends.shift();
}

function noteLastRun(student: StudentState, logged: LoggedEvent): void {
  const { event, timeMs } = logged;
  const key = orderOf(logged);
  if (event.status === undefined || !isAfter(key, student.lastRun?.key)) return;
  student.lastRun = {
    key,
    ...placeOf(event),
    status: event.status,
    endedMs: timeMs,
    durationMs: event.executionDurationMs,
    errorName: event.errorName,
    errorMessage: event.errorMessage,
    errorFingerprint: event.errorFingerprint,
  };
}
