import {
  createdId,
  erasedStudentHash,
  refuse,
  type Result,
  submissionResponseSchema,
  submissionSummarySchema,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import type { Principal } from "../auth/claims.ts";
import type { Database } from "./database.ts";
import { isErased } from "./erasure.ts";
import { Resource } from "./resource.ts";
import { isoTime } from "./time.ts";
import { refusingViolations } from "./violations.ts";

const columns = {
  id: "uuid",
  class_id: "uuid",
  assignment_id: "uuid",
  student_id: "uuid",
  attempt: "integer",
  submitted_at: "timestamptz",
  is_late: "boolean",
  status: "text",
  grade: "double precision",
  feedback: "text",
  graded_at: "timestamptz",
  graded_by: "text",
  version: "bigint",
  created_at: "timestamptz",
  updated_at: "timestamptz",
} as const;

const shape = {
  table: "assignment_submissions",
  classColumn: "class_id",
  order: "submitted_at DESC, id",
} as const;

/** Without the notebooks: a list of them would be a list of megabytes. */
export const submissions = new Resource({ ...shape, row: submissionSummarySchema, columns });

export const submissionsWithContent = new Resource({
  ...shape,
  row: submissionResponseSchema,
  columns: { ...columns, notebook_content: "json" },
});

/** What a class is told of a submission. */
const announcementSchema = v.object({
  id: v.string(),
  student_id: v.string(),
  assignment_id: v.string(),
  attempt: v.number(),
  is_late: v.boolean(),
  submitted_at: v.string(),
  path: v.nullable(v.string()),
});
export type Announcement = v.InferOutput<typeof announcementSchema>;

const erased = refuse(
  "forbidden",
  "The student was erased from the class, which takes nothing of them any more.",
);
const noSuchAssignment = refuse(
  "invalid_body",
  "The body is not right: assignment_id: there is none like it.",
  {
    details: [{ field: "assignment_id", message: "there is none like it" }],
  },
);

/** One that is handed in at the same moment may take the number that this one has chosen. */
const tries = 3;

/** Hands in a notebook: the student's next attempt. A student of whom nothing was heard yet becomes one of the class. */
export async function handIn(
  db: Database,
  { sub, name = "" }: Pick<Principal, "sub" | "name">,
  classId: string,
  assignmentId: string,
  content: unknown,
): Promise<Result<string>> {
  for (let tried = 1; ; tried += 1) {
    const parameters = [
      createdId(Date.now()),
      classId,
      assignmentId,
      sub,
      name,
      JSON.stringify(content),
      erasedStudentHash(classId, sub),
    ];
    const made = await refusingViolations(() =>
      db.rows(v.object({ id: v.string() }), handInText, parameters),
    );
    if (!made.ok && made.refusal.code === "conflict" && tried < tries) continue;
    if (!made.ok) return made;
    const [row] = made.value;
    if (row) return { ok: true, value: row.id };
    return (await isErased(db, classId, sub)) ? erased : noSuchAssignment;
  }
}

const handInText = `WITH target AS (
    SELECT id, class_id, due_date FROM class_assignments WHERE id = $3::uuid AND class_id = $2::uuid
      AND NOT EXISTS (SELECT FROM erased_students WHERE class_id = $2::uuid AND student_hash = $7)
  ), student AS (
    INSERT INTO students (id, name) SELECT $4::uuid, $5 FROM target ON CONFLICT DO NOTHING
  ), enrolment AS (
    INSERT INTO student_classes (student_id, class_id) SELECT $4::uuid, class_id FROM target ON CONFLICT DO NOTHING
  )
  INSERT INTO assignment_submissions (id, class_id, assignment_id, student_id, notebook_content, is_late, attempt)
  SELECT $1::uuid, class_id, id, $4::uuid, $6::json, coalesce(now() > due_date, false), 1 + coalesce((
    SELECT max(attempt) FROM assignment_submissions s WHERE s.assignment_id = target.id AND s.student_id = $4::uuid
  ), 0) FROM target RETURNING id`;

/** Submissions of which a class has not been told yet, the oldest first. */
export function untold(db: Database, classId: string): Promise<Announcement[]> {
  return db.rows(
    announcementSchema,
    `SELECT s.id, s.student_id, s.assignment_id, s.attempt, s.is_late, n.path,
       ${isoTime("s.submitted_at")} AS submitted_at
     FROM assignment_submissions s
     JOIN class_assignments a ON a.id = s.assignment_id JOIN notebooks n ON n.id = a.notebook_id
     WHERE s.class_id = $1 AND NOT s.is_told ORDER BY s.submitted_at, s.id LIMIT 50`,
    [classId],
  );
}

export async function markTold(db: Database, ids: readonly string[]): Promise<void> {
  await db.rows(v.unknown(), "UPDATE assignment_submissions SET is_told = true WHERE id = ANY ($1::uuid[])", [
    ids,
  ]);
}
