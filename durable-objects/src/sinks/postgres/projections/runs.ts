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

/** What a run's start and its end say alike. */
function commonColumns({ event, classId, studentId, ids, ...at }: Projected, executionId: string) {
  return {
    id: ids.shared("cell_execution", studentId, executionId),
    class_id: classId,
    student_id: studentId,
    execution_id: executionId,
    session_id: at.sessionRowId,
    notebook_id: at.notebookRowId,
    cell_id: at.cellRowId,
    cell_index: event.cellIndex,
    cell_type: event.cellType,
    source_hash: event.sourceHash,
    execution_count: event.executionCount,
    queued_ms: event.queuedMs,
    code_content: event.code,
    truncated: event.truncated ?? false,
    client_time: at.clientTime,
  };
}

export function runStarted(projected: Projected): boolean {
  const { event, order, rows } = projected;
  if (event.executionId === undefined) return false;
  rows.put(
    cellExecutions,
    {
      ...commonColumns(projected, event.executionId),
      status: "running",
      executed_at: timestamp(correctedMs(projected, event.startedAt)),
      start_order: order.bySequence,
      start_event_id: event.eventId,
      start_metadata: detailsOf(event),
    },
    order.bySequence,
  );
  return true;
}

export function runEnded(projected: Projected): boolean {
  const { event, order, rows } = projected;
  const executionId = event.executionId ?? event.eventId;
  const finishedMs = correctedMs(projected, event.finishedAt);
  const startedMs =
    event.startedAt === undefined
      ? finishedMs - (event.executionDurationMs ?? 0)
      : correctedMs(projected, event.startedAt);
  rows.put(
    cellExecutions,
    {
      ...commonColumns(projected, executionId),
      status: event.status ?? (event.eventType === "cell_execution_error" ? "error" : "ok"),
      executed_at: timestamp(startedMs),
      finished_at: timestamp(finishedMs),
      duration_ms: event.executionDurationMs,
      error_name: event.errorName,
      error_message: event.errorMessage,
      error_traceback: event.errorTraceback,
      error_line: event.errorLine,
      error_fingerprint: event.errorFingerprint,
      output: event.result,
      output_types: event.outputTypes && JSON.stringify(event.outputTypes),
      end_order: order.bySequence,
      end_event_id: event.eventId,
      end_metadata: detailsOf(event),
    },
    order.bySequence,
  );
  return true;
}

/** A time of the event's own clock by the server's; the event's own time where it gives none. */
function correctedMs({ event, logged }: Projected, time: string | undefined): number {
  return time === undefined ? logged.timeMs : Date.parse(time) + logged.timeMs - Date.parse(event.eventTime);
}
