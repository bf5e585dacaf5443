import {
  type ClassResponse,
  classResponseSchema,
  createdId,
  type Page,
  type Result,
} from "@cell-monitor/protocol";
import type { Granted } from "../auth/claims.ts";
import type { Env } from "../env.ts";
import { type Database, openDatabase } from "./database.ts";
import { Resource } from "./resource.ts";

/** Classes; the class of a class is itself. */
export const classes = new Resource({
  table: "classes",
  row: classResponseSchema,
  columns: {
    id: "uuid",
    name: "text",
    class_code: "text",
    description: "text",
    is_active: "boolean",
    capture_level: "text",
    retention_days: "integer",
    consent_text: "text",
    consent_version: "integer",
    join_code: "text",
    join_open: "boolean",
    start_date: "date",
    end_date: "date",
    notebooks: "jsonb",
    stuck_after_errors: "integer",
    idle_after_ms: "integer",
    version: "bigint",
    created_at: "timestamptz",
    updated_at: "timestamptz",
  },
  classColumn: "id",
  order: "name, id",
});

type NewClass = Readonly<Record<string, unknown>>;

/** @param given columns by their names */
export function createClass(db: Database, given: NewClass, joinCode: string): Promise<Result<ClassResponse>> {
  return classes.insert(db, { ...given, id: createdId(Date.now()), join_code: joinCode });
}

const everyClass: Granted = { all: true };

export function findClass(env: Env, classId: string): Promise<ClassResponse | undefined> {
  return classes.find(openDatabase(env), everyClass, classId);
}

/** @param ids undefined: all of them */
export async function listClasses(
  db: Database,
  ids: readonly string[] | undefined,
): Promise<ClassResponse[]> {
  const page: Page = { skip: 0, limit: 200 };
  const { rows } = await classes.list(db, ids ? { all: false, ids } : everyClass, page);
  return rows;
}
