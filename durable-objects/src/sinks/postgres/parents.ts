import type { ClassEvent } from "@cell-monitor/protocol";
import type { LoggedEvent } from "../sink.ts";
import type { ClassIds } from "./ids.ts";
import { orderKeysOf } from "./order.ts";
import type { Projected } from "./projection.ts";
import type { RowSet } from "./row-set.ts";
import { cells, notebooks, sessions, studentClasses, students, teams } from "./tables.ts";
import { timestamp } from "./time.ts";

/** Puts in the rows that an event refers to, whatever its type: who, when at which page, where. */
export function withParents(logged: LoggedEvent, classId: string, ids: ClassIds, rows: RowSet): Projected {
  const { event, studentId } = logged;
  const projected = {
    event,
    logged,
    classId,
    studentId,
    order: orderKeysOf(logged),
    time: timestamp(logged.timeMs),
    clientTime: timestamp(Date.parse(event.eventTime)),
    ids,
    rows,
    sessionRowId: absent,
    notebookRowId: absent,
    cellRowId: absent,
  };
  putStudent(projected);
  projected.sessionRowId = putSession(projected);
  projected.notebookRowId = putNotebook(projected);
  projected.cellRowId = putCell(projected);
  return projected;
}

const absent: string | undefined = undefined;

function putStudent({ event, classId, studentId, order, time, ids, rows }: Projected): void {
  const { userId, userName, teamName } = event;
  rows.put(
    students,
    {
      id: studentId,
      name: userName,
      email: userId?.includes("@") ? userId : null,
      subject: userId,
      created_at: time,
      updated_at: time,
    },
    order.byTime,
  );
  if (teamName) {
    rows.put(teams, { id: ids.shared("team", teamName), class_id: classId, name: teamName }, order.byTime);
  }
  rows.put(
    studentClasses,
    { class_id: classId, student_id: studentId, team_id: teamName || null, joined_at: time },
    order.byTime,
  );
}

function putSession({ event, classId, studentId, order, time, ids, rows }: Projected): string | undefined {
  const { sessionId } = event;
  if (sessionId === undefined) return undefined;
  const id = ids.shared("session", studentId, sessionId);
  rows.put(
    sessions,
    {
      id,
      class_id: classId,
      student_id: studentId,
      session_id: sessionId,
      first_event_at: time,
      last_event_at: time,
      last_sequence: event.sequence,
    },
    order.bySequence,
  );
  return id;
}

function putNotebook({ event, classId, order, time, ids, rows }: Projected): string | undefined {
  const { notebookPath, notebookId } = event;
  // A notebook is one of the class, not one of a student: copies at the same path are the same.
  const named = notebookPath || notebookId;
  if (named === undefined) return undefined;
  const id = ids.shared("notebook", notebookPath ? "path" : "id", named);
  rows.put(
    notebooks,
    {
      id,
      class_id: classId,
      path: notebookPath || null,
      name: named.slice(named.lastIndexOf("/") + 1) || named,
      external_id: notebookId,
      kernel_name: event.kernelName,
      last_modified: event.eventType === "notebook_save" ? time : null,
      created_at: time,
      updated_at: time,
    },
    order.byTime,
  );
  return id;
}

function putCell({ event, classId, order, time, ids, rows, notebookRowId }: Projected): string | undefined {
  const { cellId, cellType, cellIndex, gradeId, cellTags } = event;
  if (cellId === undefined) return undefined;
  const id = ids.shared("cell", notebookRowId ?? "", cellId);
  rows.put(
    cells,
    {
      id,
      class_id: classId,
      notebook_id: notebookRowId,
      cell_id: cellId,
      cell_type: cellType,
      position: cellIndex,
      grade_id: gradeId,
      cell_tags: cellTags && JSON.stringify(cellTags),
      created_at: time,
      updated_at: time,
    },
    order.byTime,
  );
  return id;
}

/** Fields that `withParents` keeps; a row that refers to its parents need not repeat them. */
export const parentFields = [
  "sessionId",
  "sequence",
  "notebookPath",
  "cellId",
] as const satisfies readonly (keyof ClassEvent)[];
