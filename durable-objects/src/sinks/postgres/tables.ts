import { defineTable, fixed, from, greatest, latest, least, type Table } from "./table.ts";

/** Rostered rows belong to people; events fill in the others. */
export const students = defineTable({
  name: "students",
  isSteady: true,
  key: ["id"],
  columns: {
    id: fixed("uuid"),
    name: { ...latest("text"), insert: "coalesce(given.name, '')" },
    email: latest("text"),
    subject: latest("text"),
    created_at: least("timestamptz"),
    updated_at: least("timestamptz"),
  },
  updatableWhere: "NOT students.rostered",
});

export const teams = defineTable({
  name: "teams",
  isSteady: true,
  key: ["class_id", "name"],
  columns: { id: fixed("uuid"), class_id: fixed("uuid"), name: fixed("text") },
});

export const studentClasses = defineTable({
  name: "student_classes",
  isSteady: true,
  key: ["class_id", "student_id"],
  columns: {
    class_id: fixed("uuid"),
    student_id: fixed("uuid"),
    // Given by name: a team that people made has an id that no event knows.
    team_id: {
      ...latest("text"),
      insert: "(SELECT id FROM teams WHERE teams.class_id = given.class_id AND teams.name = given.team_id)",
    },
    joined_at: least("timestamptz"),
  },
  updatableWhere: "NOT student_classes.rostered",
});

export const notebooks = defineTable({
  name: "notebooks",
  key: ["id"],
  columns: {
    id: fixed("uuid"),
    class_id: fixed("uuid"),
    path: fixed("text"),
    name: fixed("text"),
    external_id: latest("text"),
    kernel_name: latest("text"),
    last_modified: greatest("timestamptz"),
    created_at: least("timestamptz"),
    updated_at: greatest("timestamptz"),
  },
});

export const cells = defineTable({
  name: "cells",
  key: ["id"],
  columns: {
    id: fixed("uuid"),
    class_id: fixed("uuid"),
    notebook_id: fixed("uuid"),
    cell_id: fixed("text"),
    cell_type: latest("text"),
    position: latest("bigint"),
    grade_id: latest("text"),
    cell_tags: latest("jsonb"),
    created_at: least("timestamptz"),
    updated_at: greatest("timestamptz"),
  },
});

export const sessions = defineTable({
  name: "sessions",
  key: ["id"],
  columns: {
    id: fixed("uuid"),
    class_id: fixed("uuid"),
    student_id: fixed("uuid"),
    session_id: fixed("text"),
    first_event_at: least("timestamptz"),
    last_event_at: greatest("timestamptz"),
    last_sequence: greatest("bigint"),
    start_order: greatest("text"),
    start_event_id: from("start_order", "text"),
    start_time: from("start_order", "timestamptz"),
    client: from("start_order", "jsonb"),
    end_order: greatest("text"),
    end_event_id: from("end_order", "text"),
    end_time: from("end_order", "timestamptz"),
    end_details: from("end_order", "jsonb"),
  },
});

/**
 * What the start and the end of a run give apart comes with either's order key; what both know of the same run
 * (its cell, its place) is merged by the greater value, which neither order nor a missing half can change.
 */
export const cellExecutions = defineTable({
  name: "cell_executions",
  key: ["id"],
  columns: {
    id: fixed("uuid"),
    class_id: fixed("uuid"),
    student_id: fixed("uuid"),
    execution_id: fixed("text"),
    session_id: greatest("uuid"),
    notebook_id: greatest("uuid"),
    cell_id: greatest("uuid"),
    cell_index: greatest("bigint"),
    cell_type: greatest("text"),
    source_hash: greatest("text"),
    execution_count: greatest("bigint"),
    queued_ms: greatest("double precision"),
    code_content: greatest("text"),
    truncated: greatest("boolean"),
    executed_at: least("timestamptz"),
    client_time: least("timestamptz"),
    start_order: greatest("text"),
    start_event_id: from("start_order", "text"),
    start_metadata: from("start_order", "jsonb"),
    end_order: greatest("text"),
    end_event_id: from("end_order", "text"),
    status: from("end_order", "text"),
    finished_at: from("end_order", "timestamptz"),
    duration_ms: from("end_order", "double precision"),
    error_name: from("end_order", "text"),
    error_message: from("end_order", "text"),
    error_traceback: from("end_order", "text"),
    error_line: from("end_order", "bigint"),
    error_fingerprint: from("end_order", "text"),
    output: from("end_order", "text"),
    output_types: from("end_order", "jsonb"),
    end_metadata: from("end_order", "jsonb"),
  },
});

export const notebookAccesses = defineTable({
  name: "notebook_accesses",
  key: ["id"],
  columns: {
    id: fixed("uuid"),
    class_id: fixed("uuid"),
    student_id: fixed("uuid"),
    session_id: fixed("uuid"),
    notebook_id: fixed("uuid"),
    event_id: fixed("text"),
    action: fixed("text"),
    accessed_at: fixed("timestamptz"),
    client_time: fixed("timestamptz"),
    metadata: fixed("jsonb"),
  },
});

export const helpRequests = defineTable({
  name: "help_requests",
  key: ["id"],
  columns: {
    id: fixed("uuid"),
    class_id: fixed("uuid"),
    student_id: fixed("uuid"),
    help_id: fixed("text"),
    requested_at: least("timestamptz"),
    note: latest("text"),
    notebook_id: latest("uuid"),
    cell_id: latest("uuid"),
    open_order: greatest("text"),
    open_event_id: from("open_order", "text"),
    close_order: greatest("text"),
    close_event_id: from("close_order", "text"),
    closed_at: from("close_order", "timestamptz"),
    close_reason: from("close_order", "text"),
    resolved_by: from("close_order", "text"),
    resolution: from("close_order", "text"),
  },
});

export const progressEvents = defineTable({
  name: "progress_events",
  key: ["id"],
  columns: {
    id: fixed("uuid"),
    class_id: fixed("uuid"),
    student_id: fixed("uuid"),
    session_id: fixed("uuid"),
    event_id: fixed("text"),
    event_type: fixed("text"),
    event_time: fixed("timestamptz"),
    client_time: fixed("timestamptz"),
    payload: fixed("jsonb"),
  },
});

/** In the order they are written: what is referred to stands before what refers. */
export const tables: readonly Table[] = [
  students,
  teams,
  studentClasses,
  notebooks,
  cells,
  sessions,
  cellExecutions,
  notebookAccesses,
  helpRequests,
  progressEvents,
];
