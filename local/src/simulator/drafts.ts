import type { EventDraft } from "@cell-monitor/client";

import type { Deed, Run } from "./actions.ts";

/** What students do in their notebooks, as opposed to what becomes of their page and connection. */
export type NotebookDeed = Exclude<Deed, { kind: "page_open" | "page_close" | "offline" | "online" }>;

export interface Surroundings {
  /** Makes ids that nobody else gives, in this lesson or another. */
  readonly lessonId: string;
  readonly kernelId: string;
}

/** The event by which a JupyterLab reports a deed. */
export function draftOf(deed: NotebookDeed, where: Surroundings, atMs: number): EventDraft {
  const eventTime = isoOf(atMs);
  switch (deed.kind) {
    case "notebook_open":
    case "notebook_save":
    case "notebook_close":
      return { eventType: deed.kind, eventTime, notebookPath: deed.path, kernelName };
    case "run_start":
      return {
        ...runDraft(deed.run, where),
        eventType: "cell_execution_start",
        eventTime,
        notebookPath: deed.path,
        startedAt: eventTime,
      };
    case "run_end":
      return {
        ...runDraft(deed.run, where),
        ...endDraft(deed.run),
        eventTime,
        notebookPath: deed.path,
        startedAt: isoOf(atMs - deed.run.durationMs),
        finishedAt: eventTime,
      };
    case "help":
    case "help_stop":
      return {
        eventType: deed.kind,
        eventTime,
        notebookPath: deed.path,
        helpId: `${where.lessonId}-help-${deed.number}`,
        ...deed.place,
        ...(deed.kind === "help" && deed.note !== "" && { note: deed.note }),
      };
    case "progress":
      return {
        eventType: "progress_update",
        eventTime,
        notebookPath: deed.path,
        passed: deed.passed,
        total: deed.total,
      };
    case "checkin":
      return { eventType: "checkin", eventTime, choice: deed.choice };
    case "kernel_restart":
      return { eventType: "kernel_restart", eventTime, notebookPath: deed.path, kernelId: where.kernelId };
    case "activity":
      return { eventType: "activity", eventTime };
  }
}

const kernelName = "python3";

function runDraft(run: Run, { lessonId, kernelId }: Surroundings) {
  const { outcome, place, executionCount } = run;
  const { source, sourceHash } = outcome.status === "interrupted" ? outcome : outcome.recorded;
  return {
    ...place,
    cellType: "code" as const,
    executionId: `${lessonId}-run-${run.number}`,
    sourceHash,
    code: source,
    kernelName,
    kernelId,
    executionCount,
  };
}

function endDraft({ outcome, durationMs, executionCount }: Run) {
  const end = { status: outcome.status, executionDurationMs: durationMs };
  if (outcome.status === "interrupted") {
    return { ...end, eventType: "cell_execution_complete", errorName: "KeyboardInterrupt" };
  }
  const { result, error } = outcome.recorded;
  return {
    ...end,
    eventType: error ? "cell_execution_error" : "cell_execution_complete",
    ...(result !== "" && { result, outputTypes: ["text/plain"] }),
    ...(error && {
      hasError: true,
      errorName: error.name,
      errorMessage: error.message,
      errorTraceback: error.traceback.replaceAll("{n}", String(executionCount)),
      errorLine: error.line,
    }),
  };
}

export function isoOf(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
