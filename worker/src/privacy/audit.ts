import { createdId } from "@cell-monitor/protocol";
import { roleIn, type Principal } from "../auth/claims.ts";
import type { Database, Statement } from "../queries/database.ts";

type AuditAction = "looked_at_activity" | "looked_at_submission" | "looked_at_code" | "exported" | "erased";

export interface AuditEntry {
  readonly who: Principal;
  readonly action: AuditAction;
  readonly classId: string;
  /** Whose work was looked at; absent where it was the whole class's. */
  readonly studentId?: string | undefined;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
}

function noting({ who, action, classId, studentId, details = {} }: AuditEntry): Statement {
  return {
    text: `INSERT INTO audit_log (id, actor, actor_role, action, class_id, student_id, details)
      VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    parameters: [
      createdId(Date.now()),
      who.sub,
      roleIn(who, classId) ?? who.role,
      action,
      classId,
      studentId ?? null,
      JSON.stringify(details),
    ],
  };
}

/** Notes who looked at what. What is not noted must not be shown: ask for this before answering. */
export async function audit(db: Database, entry: AuditEntry): Promise<void> {
  // To look at one's own is nobody's business.
  if (entry.studentId === entry.who.sub) return;
  await db.all([noting(entry)]);
}
