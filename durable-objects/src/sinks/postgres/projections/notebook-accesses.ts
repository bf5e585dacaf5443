import { detailsBeyond } from "../details.ts";
import { parentFields } from "../parents.ts";
import type { Projection } from "../projection.ts";
import { notebookAccesses } from "../tables.ts";

const detailsOf = detailsBeyond(parentFields);

/** A notebook was opened, saved or closed. */
export function notebookAccessed(action: "open" | "save" | "close"): Projection {
  return ({ event, classId, studentId, ids, order, rows, ...at }) => {
    if (at.notebookRowId === undefined) return false;
    rows.put(
      notebookAccesses,
      {
        id: ids.once("notebook_access", studentId, event.eventId),
        class_id: classId,
        student_id: studentId,
        session_id: at.sessionRowId,
        notebook_id: at.notebookRowId,
        event_id: event.eventId,
        action,
        accessed_at: at.time,
        client_time: at.clientTime,
        metadata: detailsOf(event),
      },
      order.byTime,
    );
    return true;
  };
}
