import { assignmentResponseSchema } from "@cell-monitor/protocol";
import { Resource } from "./resource.ts";

export const assignments = new Resource({
  table: "class_assignments",
  row: assignmentResponseSchema,
  columns: {
    id: "uuid",
    class_id: "uuid",
    notebook_id: "uuid",
    title: "text",
    description: "text",
    due_date: "timestamptz",
    points: "double precision",
    version: "bigint",
    created_at: "timestamptz",
    updated_at: "timestamptz",
  },
  classColumn: "class_id",
  order: "class_id, due_date NULLS LAST, title, id",
});
