import {
  createdId,
  erasedStudentHash,
  type ErasureReceipt,
  erasureReceiptSchema,
  type Page,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import type { Database } from "./database.ts";
import { listPage } from "./list-page.ts";
import { isoTime } from "./time.ts";

/** Makes void what a student was given for a class, and has it take nothing of them from now on. */
export async function beginErasure(db: Database, classId: string, studentId: string): Promise<boolean> {
  const begun = await db.rows(
    v.object({ id: v.string() }),
    `WITH told AS (
       UPDATE classes SET version = version + 1 WHERE id = $1 RETURNING id
     ), marked AS (
       INSERT INTO erased_students (class_id, student_hash) SELECT id, $3 FROM told ON CONFLICT DO NOTHING
     ), revoked AS (
       INSERT INTO revocations (class_id, subject, revoked_before) SELECT id, $2, $4::timestamptz FROM told
       ON CONFLICT (class_id, subject) DO UPDATE
         SET revoked_before = greatest(revocations.revoked_before, excluded.revoked_before)
     ) SELECT id FROM told`,
    [classId, studentId, erasedStudentHash(classId, studentId), new Date().toISOString()],
  );
  return begun.length > 0;
}

/** Whether a student was erased from a class, which takes nothing of them any more. */
export async function isErased(db: Database, classId: string, studentId: string): Promise<boolean> {
  const found = await db.rows(
    v.object({ erased: v.literal(1) }),
    "SELECT 1 AS erased FROM erased_students WHERE class_id = $1 AND student_hash = $2",
    [classId, erasedStudentHash(classId, studentId)],
  );
  return found.length > 0;
}

/** In an order in which none refers to one that went before. */
const tables = [
  "cell_executions",
  "progress_events",
  "notebook_accesses",
  "help_requests",
  "sessions",
  "assignment_submissions",
  "consents",
  "student_classes",
] as const;

const countSchema = v.tuple([v.object({ n: v.number() })]);

/** Takes a student's rows of a class away in one transaction. @returns how many there were, by table */
export async function eraseRows(
  db: Database,
  classId: string,
  studentId: string,
): Promise<Record<string, number>> {
  const parameters = [classId, studentId];
  const counting = (change: string) =>
    `WITH gone AS (${change} RETURNING 1) SELECT count(*)::integer AS n FROM gone`;
  const statements = tables.map((table) => ({
    text: counting(`DELETE FROM ${table} WHERE class_id = $1 AND student_id = $2`),
    parameters,
  }));
  const results = await db.all([
    ...statements,
    {
      text: counting(
        "UPDATE audit_log SET student_id = NULL, details = '{}' WHERE class_id = $1 AND student_id = $2",
      ),
      parameters,
    },
    {
      // Who is in another class is still somebody.
      text: counting(`DELETE FROM students s WHERE s.id = $1
        AND NOT EXISTS (SELECT FROM student_classes sc WHERE sc.student_id = s.id)`),
      parameters: [studentId],
    },
  ]);
  const names = [...tables, "audit_log", "students"];
  return Object.fromEntries(names.map((name, index) => [name, v.parse(countSchema, results[index])[0].n]));
}

export async function keepReceipt(
  db: Database,
  receipt: Omit<ErasureReceipt, "id" | "requested_at">,
): Promise<ErasureReceipt> {
  const { class_id, requested_by, erased, remains } = receipt;
  const [kept] = await db.rows(
    v.object({ id: v.string(), at: v.string() }),
    `INSERT INTO erasures (id, class_id, requested_by, erased, remains) VALUES ($1, $2, $3, $4, $5)
     RETURNING id, ${isoTime("requested_at")} AS at`,
    [createdId(Date.now()), class_id, requested_by, JSON.stringify(erased), JSON.stringify(remains)],
  );
  if (!kept) throw new Error("The database returned no row.");
  return { id: kept.id, requested_at: kept.at, ...receipt };
}

export function listReceipts(db: Database, classId: string, page: Page) {
  const query = {
    row: erasureReceiptSchema,
    columns: `id, class_id, requested_by, ${isoTime("requested_at")} AS requested_at, erased, remains`,
    from: "FROM erasures WHERE class_id = $1",
    order: "erasures.requested_at DESC, id DESC",
    parameters: [classId],
  };
  return listPage(db, query, page);
}

/** Classes that know a student, or are to forget them. */
export async function classesOf(db: Database, studentId: string): Promise<string[]> {
  const rows = await db.rows(
    v.object({ class_id: v.string() }),
    `SELECT class_id FROM student_classes WHERE student_id = $1
     UNION SELECT class_id FROM consents WHERE student_id = $1
     UNION SELECT class_id FROM revocations WHERE subject = $1::uuid::text`,
    [studentId],
  );
  return rows.map(({ class_id }) => class_id);
}

/** Takes away who a student is. @returns whether anybody knew them */
export async function eraseStudentRow(db: Database, studentId: string): Promise<boolean> {
  const gone = await db.rows(
    v.object({ id: v.string() }),
    "DELETE FROM students WHERE id = $1 RETURNING id",
    [studentId],
  );
  return gone.length > 0;
}
