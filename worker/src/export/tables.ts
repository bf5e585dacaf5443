import type { exportTables } from "@cell-monitor/protocol";

export type ExportTable = (typeof exportTables)[number];

export interface ExportColumn {
  readonly name: string;
  /** SQL over the table, which is called `t`. */
  readonly sql: string;
  /** Says who it is, or may hold anything that somebody typed: not for researchers. */
  readonly isPersonal?: true;
  /** A UUID made of the student's among others, by which who it was could be found out: researchers get another for it. */
  readonly isTelling?: true;
}

export interface ExportShape {
  /** `FROM`. */
  readonly from: string;
  readonly id: string;
  /** When it happened, by which rows are ordered. */
  readonly time: string;
  /** Many have the same time, and ids that tell who they are. */
  readonly hasTellingOrder?: true;
  readonly columns: readonly ExportColumn[];
}

const plain = (...names: string[]): ExportColumn[] => names.map((name) => ({ name, sql: `t.${name}` }));
const personal = (...names: string[]): ExportColumn[] =>
  names.map((name) => ({ name, sql: `t.${name}`, isPersonal: true }));
const telling = (...names: string[]): ExportColumn[] =>
  names.map((name) => ({ name, sql: `t.${name}`, isTelling: true }));
const times = (...names: string[]): ExportColumn[] =>
  names.map((name) => ({
    name,
    sql: `to_char(t.${name} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`,
  }));
const path: ExportColumn = {
  name: "notebook_path",
  sql: "(SELECT n.path FROM notebooks n WHERE n.id = t.notebook_id)",
  isPersonal: true,
};
const cell: ExportColumn = { name: "cell", sql: "(SELECT c.cell_id FROM cells c WHERE c.id = t.cell_id)" };

/** What can be exported. `student_id` is a pseudonym for researchers. */
export const exportShapes: Readonly<Record<ExportTable, ExportShape>> = {
  cell_executions: {
    from: "cell_executions t",
    id: "t.id",
    time: "t.executed_at",
    columns: [
      ...telling("id", "session_id"),
      ...plain("student_id", "notebook_id"),
      path,
      cell,
      ...plain("execution_id", "status"),
      ...times("executed_at", "finished_at"),
      ...plain("queued_ms", "duration_ms", "execution_count", "cell_index", "cell_type", "source_hash"),
      ...plain("error_name", "error_line", "error_fingerprint"),
      ...personal("error_message", "error_traceback", "code_content", "output"),
      ...plain("truncated"),
    ],
  },
  sessions: {
    from: "sessions t",
    id: "t.id",
    time: "t.first_event_at",
    columns: [
      ...telling("id"),
      ...plain("student_id", "session_id", "is_active", "last_sequence"),
      ...times("start_time", "end_time", "first_event_at", "last_event_at"),
    ],
  },
  notebook_accesses: {
    from: "notebook_accesses t",
    id: "t.id",
    time: "t.accessed_at",
    columns: [
      ...telling("id", "session_id"),
      ...plain("student_id", "notebook_id"),
      path,
      ...plain("action"),
      ...times("accessed_at"),
    ],
  },
  help_requests: {
    from: "help_requests t",
    id: "t.id",
    time: "coalesce(t.requested_at, t.closed_at, 'epoch')",
    columns: [
      ...telling("id"),
      ...plain("student_id", "notebook_id"),
      path,
      cell,
      ...times("requested_at", "closed_at"),
      ...plain("is_open"),
      ...personal("note", "close_reason"),
    ],
  },
  progress_events: {
    from: "progress_events t",
    id: "t.id",
    time: "t.event_time",
    columns: [
      ...telling("id", "session_id"),
      ...plain("student_id", "event_type"),
      ...times("event_time"),
      ...personal("payload"),
    ],
  },
  assignment_submissions: {
    from: "assignment_submissions t",
    id: "t.id",
    time: "t.submitted_at",
    columns: [
      ...plain("id", "student_id", "assignment_id", "attempt", "status", "grade", "is_late"),
      ...times("submitted_at", "graded_at"),
      ...personal("feedback"),
    ],
  },
  students: {
    from:
      "(SELECT s.*, sc.class_id, sc.joined_at, s.id AS student_id, sc.rostered AS is_rostered, tm.name AS team " +
      "FROM student_classes sc JOIN students s ON s.id = sc.student_id LEFT JOIN teams tm ON tm.id = sc.team_id) t",
    id: "t.id",
    time: "t.joined_at",
    hasTellingOrder: true,
    columns: [
      ...plain("student_id"),
      ...personal("subject", "name", "email", "team"),
      ...plain("is_rostered"),
      ...times("joined_at"),
    ],
  },
};
