import type { Projected } from "../projection.ts";
import * as v from "valibot";
import { helpRequests } from "../tables.ts";

function requestColumns({ event, classId, studentId, ids }: Projected) {
  if (event.helpId === undefined) return undefined;
  return {
    id: ids.once("help_request", studentId, event.helpId),
    class_id: classId,
    student_id: studentId,
    help_id: event.helpId,
  };
}

export function helpRaised(projected: Projected): boolean {
  const { event, order, rows, time } = projected;
  const columns = requestColumns(projected);
  if (!columns) return false;
  const raised = {
    requested_at: time,
    note: event.note,
    notebook_id: projected.notebookRowId,
    cell_id: projected.cellRowId,
    open_order: order.byTime,
    open_event_id: event.eventId,
  };
  rows.put(helpRequests, { ...columns, ...raised }, order.byTime);
  return true;
}

export function helpStopped(projected: Projected): boolean {
  const { event, order, rows, time } = projected;
  const columns = requestColumns(projected);
  if (!columns) return false;
  const stopped = {
    closed_at: time,
    close_reason: event.reason,
    close_order: order.byTime,
    close_event_id: event.eventId,
  };
  rows.put(helpRequests, { ...columns, ...stopped }, order.byTime);
  return true;
}

const resolutionSchema = v.object({ by: v.string(), resolution: v.optional(v.string()) });

/** Ended by one who teaches. */
export function helpResolved(projected: Projected): boolean {
  const { event, order, rows, time } = projected;
  const columns = requestColumns(projected);
  if (!columns) return false;
  const { by, resolution } = v.parse(resolutionSchema, event.metadata);
  const resolved = {
    closed_at: time,
    close_reason: "resolved",
    close_order: order.byTime,
    close_event_id: event.eventId,
    resolved_by: by,
    resolution,
  };
  rows.put(helpRequests, { ...columns, ...resolved }, order.byTime);
  return true;
}
