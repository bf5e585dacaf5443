import { detailsBeyond } from "../details.ts";
import type { Projected } from "../projection.ts";
import { sessions } from "../tables.ts";

const detailsOf = detailsBeyond(["sessionId", "sequence"]);

/** The row is there already, put in as the parent it is of any event; these complete it. */
function sessionColumns({ event, classId, studentId, sessionRowId, time }: Projected) {
  if (sessionRowId === undefined || event.sessionId === undefined) return undefined;
  return {
    id: sessionRowId,
    class_id: classId,
    student_id: studentId,
    session_id: event.sessionId,
    first_event_at: time,
    last_event_at: time,
    last_sequence: event.sequence,
  };
}

export function sessionStarted(projected: Projected): boolean {
  const { event, order, rows, time } = projected;
  const columns = sessionColumns(projected);
  if (!columns) return false;
  const start = {
    start_order: order.bySequence,
    start_event_id: event.eventId,
    start_time: time,
    client: detailsOf(event),
  };
  rows.put(sessions, { ...columns, ...start }, order.bySequence);
  return true;
}

export function sessionEnded(projected: Projected): boolean {
  const { event, order, rows, time } = projected;
  const columns = sessionColumns(projected);
  if (!columns) return false;
  const end = {
    end_order: order.bySequence,
    end_event_id: event.eventId,
    end_time: time,
    end_details: detailsOf(event),
  };
  rows.put(sessions, { ...columns, ...end }, order.bySequence);
  return true;
}
