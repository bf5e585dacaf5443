import { groupResponseSchema } from "@cell-monitor/protocol";
import { Resource } from "./resource.ts";

const columns = {
  id: "uuid",
  class_id: "uuid",
  name: "text",
  description: "text",
  version: "bigint",
  created_at: "timestamptz",
  updated_at: "timestamptz",
} as const;

function groups(table: "teams" | "sections") {
  return new Resource({
    table,
    row: groupResponseSchema,
    columns,
    classColumn: "class_id",
    order: "class_id, name, id",
    fields: { [`${table}_class_id_name_key`]: "name" },
  });
}

export const teams = groups("teams");
export const sections = groups("sections");
