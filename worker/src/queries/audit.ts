import { auditEntrySchema, type Page } from "@cell-monitor/protocol";
import type { Database } from "./database.ts";
import { listPage } from "./list-page.ts";
import { isoTime } from "./time.ts";

/**
 * Who looked at what of a class, or of one student in it; the newest first.
 * @param withExports those of the whole class, too, in which the student is
 */
export function listAudit(
  db: Database,
  classId: string,
  studentId: string | undefined,
  page: Page,
  withExports = false,
) {
  const query = {
    row: auditEntrySchema,
    columns: `a.id, ${isoTime("a.at")} AS at, a.actor, i.name AS actor_name, a.actor_role, a.action, a.class_id,
      a.student_id, a.details`,
    from: `FROM audit_log a LEFT JOIN instructors i ON i.id::text = a.actor
      WHERE a.class_id = $1 AND ($2::uuid IS NULL OR a.student_id = $2
        OR ($3::boolean AND a.student_id IS NULL AND a.action = 'exported'))`,
    order: "a.at DESC, a.id DESC",
    parameters: [classId, studentId ?? null, withExports],
  };
  return listPage(db, query, page);
}
