import { type Page, type Result, type StudentResponse, studentResponseSchema } from "@cell-monitor/protocol";
import * as v from "valibot";
import type { Granted } from "../auth/claims.ts";
import type { Database, Statement } from "./database.ts";
import { Resource } from "./resource.ts";

const { user_id: subject, ...entries } = studentResponseSchema.entries;
const studentRowSchema = v.object({ ...entries, subject });
type StudentRow = v.InferOutput<typeof studentRowSchema>;

const students = new Resource({
  table: "students",
  row: studentRowSchema,
  columns: {
    id: "uuid",
    subject: "text",
    issuer: "text",
    name: "text",
    email: "text",
    rostered: "boolean",
    version: "bigint",
    created_at: "timestamptz",
    updated_at: "timestamptz",
  },
  classColumn: null,
  order: "name, subject, id",
});

function studentAnswer({ subject: userId, ...row }: StudentRow): StudentResponse {
  // Who has no name yet is called as they log in.
  return { ...row, user_id: userId, name: row.name === "" ? (userId ?? "") : row.name };
}

function answerOf(result: Result<StudentRow>): Result<StudentResponse> {
  return result.ok ? { ok: true, value: studentAnswer(result.value) } : result;
}

const everyClass: Granted = { all: true };

export async function listStudents(
  db: Database,
  page: Page,
  filters: { user_id?: string; rostered?: boolean },
) {
  const { user_id: userId, rostered } = filters;
  const { rows, total } = await students.list(db, everyClass, page, { subject: userId, rostered });
  return { rows: rows.map(studentAnswer), total };
}

export async function findStudent(db: Database, id: string): Promise<StudentResponse | undefined> {
  const row = await students.find(db, everyClass, id);
  return row && studentAnswer(row);
}

export interface NewStudent {
  readonly id: string;
  readonly issuer: string;
  readonly subject: string;
  readonly name: string | undefined;
  readonly email: string | null | undefined;
}

/** Writes down who a student is, unless somebody has done so before; of whom events have told, too. */
export function writingStudent({ id, issuer, subject, name, email }: NewStudent): Statement {
  return {
    text: `INSERT INTO students AS s (id, issuer, subject, name, email, rostered) VALUES ($1, $2, $3, $4, $5, true)
      ON CONFLICT (id) DO UPDATE SET issuer = excluded.issuer, subject = excluded.subject, rostered = true,
        name = coalesce(nullif(excluded.name, ''), s.name), email = coalesce(excluded.email, s.email),
        version = s.version + 1, updated_at = now()
      WHERE NOT s.rostered RETURNING 1 AS written`,
    parameters: [id, issuer, subject, name ?? "", email ?? null],
  };
}

/** @returns undefined where it was written down before who they are */
export async function addStudent(db: Database, given: NewStudent): Promise<StudentResponse | undefined> {
  const [added = []] = await db.all([writingStudent(given)]);
  return added.length === 0 ? undefined : findStudent(db, given.id);
}

/** What people say of a student counts from then on, whatever events say. */
export async function changeStudent(
  db: Database,
  id: string,
  given: { readonly name?: string | undefined; readonly email?: string | null | undefined },
  version: number | undefined,
): Promise<Result<StudentResponse>> {
  const isChange = given.name !== undefined || given.email !== undefined;
  const changes = isChange ? { ...given, rostered: true } : {};
  return answerOf(await students.update(db, everyClass, id, changes, { version }));
}
