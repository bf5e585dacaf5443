import { detailsBeyond } from "../details.ts";
import type { Projected } from "../projection.ts";
import { progressEvents } from "../tables.ts";

const detailsOf = detailsBeyond(["sessionId"]);

/** Keeps an event that has no table of its own, with all it carried. */
export function putProgressEvent(projected: Projected): void {
  const { event, classId, studentId, ids, order, rows } = projected;
  rows.put(
    progressEvents,
    {
      id: ids.ofEvent("progress_event", studentId, event),
      class_id: classId,
      student_id: studentId,
      session_id: projected.sessionRowId,
      event_id: event.eventId,
      event_type: event.eventType,
      event_time: projected.time,
      client_time: projected.clientTime,
      payload: detailsOf(event) ?? "{}",
    },
    order.byTime,
  );
}
