import { naturalId, notebookResponseSchema } from "@cell-monitor/protocol";
import { Resource } from "./resource.ts";

export const notebooks = new Resource({
  table: "notebooks",
  row: notebookResponseSchema,
  columns: {
    id: "uuid",
    class_id: "uuid",
    path: "text",
    name: "text",
    kernel_name: "text",
    last_modified: "timestamptz",
    version: "bigint",
    created_at: "timestamptz",
    updated_at: "timestamptz",
  },
  classColumn: "class_id",
  order: "class_id, name, id",
  fields: { notebooks_pkey: "path", notebooks_class_id_path_key: "path" },
});

/** The id that events give to the notebook at a path: made by hand it has to be the same, or theirs would be another row. */
export function notebookIdOf(classId: string, path: string): string {
  return naturalId("notebook", classId, "path", path);
}
