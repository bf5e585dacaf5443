import type { ClassEvent, RunData } from "@cell-monitor/protocol";
import { isAfter, type OrderKey } from "./order.ts";
import type { RunState, StudentState } from "./student-state.ts";

type Texts = "errorMessage" | "errorTraceback" | "code" | "result";

/** What the log has of a run in full, by the versions of its start and its end. */
export type EventAt = (version: number) => ClassEvent | undefined;

export interface RunView extends Omit<RunData, "studentId" | Texts> {
  /** Whether it still goes on, as far as anybody could tell. */
  readonly isOpen: boolean;
}

/** A run as it stands: what its start and its end say, and what became of its kernel and its session. */
export function runView(student: StudentState, { executionId, started, ended }: RunState): RunView {
  const place = ended?.cellId === undefined && started ? started : ended;
  const goneMs = ended ? undefined : goneAfter(student, place?.notebook, started?.key);
  // The kernel may go on when a page is closed, but nobody is left who could tell the run's end.
  const leftMs = ended || goneMs !== undefined ? undefined : lastSeenRunningMs(student, started);
  return {
    isOpen: !ended && goneMs === undefined && leftMs === undefined,
    executionId,
    notebook: place?.notebook,
    cellId: place?.cellId,
    cellIndex: place?.cellIndex,
    status: ended?.status ?? (goneMs === undefined ? undefined : "killed"),
    startedMs: started?.key[0],
    endedMs: ended?.key[0] ?? goneMs ?? leftMs,
    durationMs: ended?.durationMs,
    executionCount: ended?.executionCount,
    errorName: ended?.errorName,
  };
}

/** The run's texts; those of a day that the log has no more are gone with it. */
export function runTexts({ started, ended }: RunState, eventAt: EventAt): Pick<RunData, Texts> {
  const end = ended?.version === undefined ? undefined : eventAt(ended.version);
  // Mostly the end has the code too, and the start need not be looked up.
  const isCodeAtStart = end?.code === undefined && started?.version !== undefined;
  const code = isCodeAtStart ? eventAt(started.version ?? 0)?.code : end?.code;
  return { errorMessage: end?.errorMessage, errorTraceback: end?.errorTraceback, code, result: end?.result };
}

/** The run that is still going on, the latest if there are several. */
export function runningOf(student: StudentState): RunView | undefined {
  for (const run of student.runs.toReversed()) {
    const view = run.ended ? undefined : runView(student, run);
    if (view?.isOpen) return view;
  }
  return undefined;
}

function goneAfter(
  student: StudentState,
  notebook: string | undefined,
  key: OrderKey | undefined,
): number | undefined {
  const gone = student.kernelsGone.find((known) => known.notebook === notebook);
  return gone && isAfter(gone.key, key) ? gone.key[0] : undefined;
}

/** When a run whose end was never told must have been over: its page was closed, or its kernel ran another cell. */
function lastSeenRunningMs(student: StudentState, started: RunState["started"]): number | undefined {
  if (!started) return undefined;
  const { key, notebook, sessionId } = started;
  const endedMs = student.sessions.find(({ id }) => id === sessionId)?.endedMs;
  if (endedMs !== undefined) return endedMs;
  // The first of them: which run stands before which changes with their ends, and must not change this.
  const later = student.runs
    .flatMap((run) => run.started ?? [])
    .filter((other) => other.notebook === notebook && isAfter(other.key, key));
  return later.length === 0 ? undefined : Math.min(...later.map((other) => other.key[0]));
}
