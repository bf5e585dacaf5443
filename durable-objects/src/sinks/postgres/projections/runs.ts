import { detailsBeyond } from "../details.ts";
import { parentFields } from "../parents.ts";
import type { Projected } from "../projection.ts";
import { cellExecutions } from "../tables.ts";
import { timestamp } from "../time.ts";

const detailsOf = detailsBeyond([
  ...parentFields,
  "cellIndex",
  "cellType",
  "sourceHash",
  "executionId",
  "status",
  "hasError",
  "startedAt",
  "finishedAt",
  "queuedMs",
  "executionDurationMs",
  "executionCount",
  "errorName",
  "errorMessage",
  "errorTraceback",
  "errorLine",
  "errorFingerprint",
  "code",
  "result",
  "outputTypes",
  "truncated",
]);

export function runStarted(projected: Projected): boolean {
  const { event } = projected;
  if (event.executionId === undefined) return false;
  const startedMs = correctedMs(projected, event.startedAt);
  putRun(projected, event.executionId, { status: "running", startedMs, finishedMs: undefined });
  return true;
}

export function runEnded(projected: Projected): boolean {
  const { event } = projected;
  const finishedMs = correctedMs(projected, event.finishedAt);
  const startedMs =
    event.startedAt === undefined
      ? finishedMs - (event.executionDurationMs ?? 0)
      : correctedMs(projected, event.startedAt);
  const status = event.status ?? (event.eventType === "cell_execution_error" ? "error" : "ok");
  putRun(projected, event.executionId ?? event.eventId, { status, startedMs, finishedMs });
  return true;
}

interface Half {
  readonly status: string;
  readonly startedMs: number;
  /** Of the end alone. */
  readonly finishedMs: number | undefined;
}

/** Every column is named in one place: rows of one shape are made several times as fast as rows put together. */
function putRun(projected: Projected, executionId: string, { status, startedMs, finishedMs }: Half): void {
  const { event, classId, studentId, ids, order, rows } = projected;
  const isEnd = finishedMs !== undefined;
  const details = detailsOf(event);
  rows.put(
    cellExecutions,
    {
      id: ids.shared("cell_execution", studentId, executionId),
      class_id: classId,
      student_id: studentId,
      execution_id: executionId,
      session_id: projected.sessionRowId,
      notebook_id: projected.notebookRowId,
      cell_id: projected.cellRowId,
      cell_index: event.cellIndex,
      cell_type: event.cellType,
      source_hash: event.sourceHash,
      execution_count: event.executionCount,
      queued_ms: event.queuedMs,
      code_content: event.code,
      truncated: event.truncated ?? false,
      executed_at: timestamp(startedMs),
      client_time: projected.clientTime,
      status,
      start_order: isEnd ? null : order.bySequence,
      start_event_id: isEnd ? null : event.eventId,
      start_metadata: isEnd ? null : details,
      end_order: isEnd ? order.bySequence : null,
      end_event_id: isEnd ? event.eventId : null,
      finished_at: isEnd ? timestamp(finishedMs) : null,
      duration_ms: isEnd ? event.executionDurationMs : null,
      error_name: isEnd ? event.errorName : null,
      error_message: isEnd ? event.errorMessage : null,
      error_traceback: isEnd ? event.errorTraceback : null,
      error_line: isEnd ? event.errorLine : null,
      error_fingerprint: isEnd ? event.errorFingerprint : null,
      output: isEnd ? event.result : null,
      output_types: isEnd && event.outputTypes ? JSON.stringify(event.outputTypes) : null,
      end_metadata: isEnd ? details : null,
    },
    order.bySequence,
  );
}

/** A time of the event's own clock by the server's; the event's own time where it gives none. */
function correctedMs({ event, logged }: Projected, time: string | undefined): number {
  return time === undefined ? logged.timeMs : Date.parse(time) + logged.timeMs - Date.parse(event.eventTime);
}
