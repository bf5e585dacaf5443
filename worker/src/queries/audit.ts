import { auditEntrySchema, type Page } from "@cell-monitor/protocol";
import type { Database } from "./database.ts";
import { listPage } from "./list-page.ts";
import { isoTime } from "./time.ts";

/** Who looked at what of a class, or of one student in it; the newest first. */
export function listAudit(db: Database, classId: string, studentId: string | undefined, page: Page) {
  const query = {
    row: auditEntrySchema,
    columns: `a.id, ${isoTime("a.at")} AS at, a.actor, i.name AS actor_name, a.actor_role, a.action, a.class_id,
      a.student_id, a.details`,
    from: `FROM audit_log a LEFT JOIN instructors i ON i.id::text = a.actor
      WHERE a.class_id = $1 AND ($2::uuid IS NULL OR a.student_id = $2)`,
    order: "a.at DESC, a.id DESC",
    parameters: [classId, studentId ?? null],
  };
  return listPage(db, query, page);
}
