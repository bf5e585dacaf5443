import { detailsBeyond } from "../details.ts";
import { parentFields } from "../parents.ts";
import type { Projection } from "../projection.ts";
import { notebookAccesses } from "../tables.ts";

const detailsOf = detailsBeyond(parentFields);

/** A notebook was opened, saved or closed. */
export function notebookAccessed(action: "open" | "save" | "close"): Projection {
  return ({ event, classId, studentId, ids, order, rows, time, clientTime, sessionRowId, notebookRowId }) => {
    if (notebookRowId === undefined) return false;
    rows.put(
      notebookAccesses,
      {
        id: ids.ofEvent("notebook_access", studentId, event),
        class_id: classId,
        student_id: studentId,
        session_id: sessionRowId,
        notebook_id: notebookRowId,
        event_id: event.eventId,
        action,
        accessed_at: time,
        client_time: clientTime,
        metadata: detailsOf(event),
      },
      order.byTime,
    );
    return true;
  };
}
