import { cutText, limits } from "@cell-monitor/protocol";
import type { LoggedEvent } from "../../../sinks/sink.ts";
import { isExpectedError } from "../board/tallies.ts";
import type { Fold, FoldContext } from "../fold-context.ts";
import { compareOrder, isAfter, keepLatest, latest, orderOf } from "../order.ts";
import type { RunState, StudentState } from "../student-state.ts";
import { cellKeyOf, placeOf } from "./place.ts";

/** Ends that streaks are counted on; a class may not ask for a longer streak. */
const rememberedEnds = 10;
const rememberedAborted = 32;
const rememberedCells = 1000;
/** Of the last error's message, as far as a tile shows it. */
const shownMessageBytes = 512;

export const foldRunStart: Fold = (logged, context) => {
  const { executionId, sessionId } = logged.event;
  if (executionId === undefined) return;
  if (context.student.aborted.some((aborted) => aborted.executionId === executionId)) return;
  const run = runOf(logged, executionId, context);
  if (!run) return;
  const started = { key: orderOf(logged), ...placeOf(logged.event), sessionId, version: logged.version };
  run.started = latest(run.started, started);
  // A kernel that starts a cell is done with those before it, which now show as ended.
  noteUnended(context);
};

function noteUnended({ student, changes }: FoldContext): void {
  for (const { ended, slot } of student.runs) if (!ended) changes.runs.add(`${student.id}/${slot}`);
}

export const foldRunEnd: Fold = (logged, context) => {
  const { event } = logged;
  const { student } = context;
  const { status, executionId } = event;
  if (status === undefined || executionId === undefined) return;
  // A run that never ran: after an error in Run All, the kernel turns the rest away.
  if (status === "aborted") {
    dropRun(context, executionId);
    keepLatest(student.aborted, { key: orderOf(logged), executionId }, rememberedAborted);
    return;
  }
  const run = runOf(logged, executionId, context);
  if (run) run.ended = latest(run.ended, endOf(logged, status));
  student.runCount += 1;
  const cell = cellKeyOf(event);
  const isExpected = isExpectedError(event);
  const isError = status === "error" && !isExpected;
  if (isError) student.errorCount += 1;
  if (status === "ok" || (status === "error" && isExpected)) noteDone(student, cell);
  noteLastRun(student, logged, status);
  // An interrupted or killed run neither adds to a streak nor clears it.
  if (status !== "ok" && status !== "error") return;
  const wasStreak = streakOf(student);
  const end = { key: orderOf(logged), cell, isError };
  keepLatest(student.ends, end, rememberedEnds);
  const streak = streakOf(student);
  if (streak > wasStreak && streak >= context.stuckAfterErrors) context.changes.urgent = true;
};

/** Errors in a row on the cell that ended last. */
export function streakOf(student: StudentState): number {
  const last = student.ends.at(-1);
  if (!last?.isError) return 0;
  let streak = 0;
  for (let index = student.ends.length - 1; index >= 0; index -= 1) {
    const end = student.ends[index];
    if (!end?.isError || end.cell !== last.cell) break;
    streak += 1;
  }
  return streak;
}

function runOf(
  logged: LoggedEvent,
  executionId: string,
  { student, changes }: FoldContext,
): RunState | undefined {
  const key = orderOf(logged);
  let run = student.runs.findLast((known) => known.executionId === executionId);
  if (!run) {
    const oldest = student.runs[0];
    const isFull = student.runs.length >= limits.recentRuns;
    if (isFull && oldest && compareOrder(key, oldest.key) < 0) return undefined;
    if (isFull) student.runs.shift();
    run = { executionId, slot: freeSlot(student), key };
    keepLatest(student.runs, run, limits.recentRuns);
  } else if (isAfter(key, run.key)) {
    run.key = key;
    if (run !== student.runs.at(-1)) {
      student.runs.splice(student.runs.indexOf(run), 1);
      keepLatest(student.runs, run, limits.recentRuns);
    }
  }
  changes.runs.add(`${student.id}/${run.slot}`);
  return run;
}

function endOf(logged: LoggedEvent, status: NonNullable<RunState["ended"]>["status"]) {
  const { executionDurationMs: durationMs, executionCount, errorName } = logged.event;
  return {
    key: orderOf(logged),
    ...placeOf(logged.event),
    status,
    durationMs,
    executionCount,
    errorName,
    version: logged.version,
  };
}

function dropRun(context: FoldContext, executionId: string): void {
  const { student, changes } = context;
  const run = student.runs.find((known) => known.executionId === executionId);
  if (!run) return;
  student.runs = student.runs.filter((known) => known !== run);
  changes.runs.add(`${student.id}/${run.slot}`);
  // Its start may have been what showed them as ended.
  noteUnended(context);
}

function freeSlot(student: StudentState): number {
  const taken = new Set(student.runs.map(({ slot }) => slot));
  let slot = 0;
  while (taken.has(slot)) slot += 1;
  return slot;
}

function noteDone(student: StudentState, cell: string): void {
  if (!student.doneCells.includes(cell) && student.doneCells.length < rememberedCells)
    student.doneCells.push(cell);
}

function noteLastRun(
  student: StudentState,
  logged: LoggedEvent,
  status: NonNullable<StudentState["lastRun"]>["status"],
): void {
  const { event, timeMs } = logged;
  student.lastRun = latest(student.lastRun, {
    key: orderOf(logged),
    ...placeOf(event),
    status,
    endedMs: timeMs,
    durationMs: event.executionDurationMs,
    errorName: event.errorName,
    errorMessage: event.errorMessage && cutText(event.errorMessage, shownMessageBytes),
    errorFingerprint: event.errorFingerprint,
  });
}
