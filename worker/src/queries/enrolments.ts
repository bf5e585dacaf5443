import {
  type EnrolmentResponse,
  enrolmentResponseSchema,
  type Page,
  type Result,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import type { Database, Statement } from "./database.ts";
import { listPage } from "./list-page.ts";
import { type NewStudent, writingStudent } from "./students.ts";
import { isoTime } from "./time.ts";
import { refusingViolations } from "./violations.ts";

const columns = `s.id AS student_id, sc.class_id, s.subject AS user_id, s.email,
  coalesce(nullif(s.name, ''), s.subject, '') AS name, sc.team_id, t.name AS team, sc.section_id, n.name AS section,
  sc.role, sc.rostered, sc.version::float8 AS version, ${isoTime("sc.joined_at")} AS joined_at`;
const from = `FROM student_classes sc JOIN students s ON s.id = sc.student_id
  LEFT JOIN teams t ON t.id = sc.team_id LEFT JOIN sections n ON n.id = sc.section_id`;

interface Filters {
  readonly team_id?: string | undefined;
  readonly section_id?: string | undefined;
  readonly role?: string | undefined;
  readonly rostered?: boolean | undefined;
}

/** @param sections those whose students may be seen; undefined: everybody */
export function listEnrolments(
  db: Database,
  classId: string,
  sections: readonly string[] | undefined,
  filters: Filters,
  page: Page,
) {
  const { team_id, section_id, role, rostered } = filters;
  return listPage(
    db,
    {
      row: enrolmentResponseSchema,
      columns,
      from: `${from} WHERE sc.class_id = $1 AND ($2::uuid[] IS NULL OR sc.section_id = ANY ($2::uuid[]))
        AND ($3::uuid IS NULL OR sc.team_id = $3) AND ($4::uuid IS NULL OR sc.section_id = $4)
        AND ($5::text IS NULL OR sc.role = $5) AND ($6::boolean IS NULL OR sc.rostered = $6)`,
      order: "coalesce(nullif(s.name, ''), s.subject, ''), s.id",
      parameters: [
        classId,
        sections ?? null,
        team_id ?? null,
        section_id ?? null,
        role ?? null,
        rostered ?? null,
      ],
    },
    page,
  );
}

function oneEnrolment(classId: string, studentId: string, sections?: readonly string[]): Statement {
  return {
    text: `SELECT ${columns} ${from} WHERE sc.class_id = $1 AND sc.student_id = $2
      AND ($3::uuid[] IS NULL OR sc.section_id = ANY ($3::uuid[]))`,
    parameters: [classId, studentId, sections ?? null],
  };
}

export async function findEnrolment(
  db: Database,
  classId: string,
  studentId: string,
  sections: readonly string[] | undefined,
): Promise<EnrolmentResponse | undefined> {
  const { text, parameters } = oneEnrolment(classId, studentId, sections);
  const [row] = await db.rows(enrolmentResponseSchema, text, parameters);
  return row;
}

export async function countRostered(db: Database, classId: string): Promise<number> {
  const [row] = await db.rows(
    v.object({ count: v.number() }),
    "SELECT count(*)::integer AS count FROM student_classes WHERE class_id = $1 AND rostered",
    [classId],
  );
  return row?.count ?? 0;
}

interface Place {
  readonly team_id?: string | null | undefined;
  readonly section_id?: string | null | undefined;
  readonly role?: string | undefined;
}

/**
 * Puts a student on a class's roster, who may have turned up there already. Who they are stays as it was written down
 * before, if it was.
 * @returns undefined where they are on it
 */
export function addEnrolment(
  db: Database,
  classId: string,
  student: NewStudent,
  { team_id, section_id, role }: Place,
): Promise<Result<EnrolmentResponse | undefined>> {
  return refusingViolations(async () => {
    const [, added = [], rows] = await db.all([
      writingStudent(student),
      {
        text: `INSERT INTO student_classes AS sc (class_id, student_id, team_id, section_id, role, rostered)
          VALUES ($1, $2, $3, $4, coalesce($5::text, 'student'), true)
          ON CONFLICT (class_id, student_id) DO UPDATE SET team_id = coalesce(excluded.team_id, sc.team_id),
            section_id = coalesce(excluded.section_id, sc.section_id), role = excluded.role, rostered = true,
            version = sc.version + 1
          WHERE NOT sc.rostered RETURNING 1 AS written`,
        parameters: [classId, student.id, team_id ?? null, section_id ?? null, role ?? null],
      },
      oneEnrolment(classId, student.id),
    ]);
    return added.length === 0 ? undefined : v.parse(v.array(enrolmentResponseSchema), rows)[0];
  });
}

/** Changes a student's place, which from then on no event does. Undefined where they have none, or not of this version. */
export function changeEnrolment(
  db: Database,
  classId: string,
  studentId: string,
  place: Place,
  version: number | undefined,
): Promise<Result<EnrolmentResponse | undefined>> {
  const { team_id, section_id, role } = place;
  return refusingViolations(async () => {
    const [changed = [], rows] = await db.all([
      {
        text: `UPDATE student_classes SET team_id = CASE WHEN $3 THEN $4::uuid ELSE team_id END,
            section_id = CASE WHEN $5 THEN $6::uuid ELSE section_id END, role = coalesce($7::text, role),
            rostered = true, version = version + 1
          WHERE class_id = $1 AND student_id = $2 AND ($8::bigint IS NULL OR version = $8) RETURNING 1 AS written`,
        parameters: [
          classId,
          studentId,
          team_id !== undefined,
          team_id ?? null,
          section_id !== undefined,
          section_id ?? null,
          role ?? null,
          version ?? null,
        ],
      },
      oneEnrolment(classId, studentId),
    ]);
    return changed.length === 0 ? undefined : v.parse(v.array(enrolmentResponseSchema), rows)[0];
  });
}

/** Takes a student out of a class and makes void what the class gave them; what they did in it stays. */
export async function removeEnrolment(
  db: Database,
  classId: string,
  studentId: string,
  version: number | undefined,
): Promise<EnrolmentResponse | undefined> {
  const [rows, removed = []] = await db.all([
    oneEnrolment(classId, studentId),
    {
      text: `WITH removed AS (
          DELETE FROM student_classes
          WHERE class_id = $1 AND student_id = $2 AND ($4::bigint IS NULL OR version = $4)
          RETURNING class_id, student_id
        ), told AS (
          UPDATE classes c SET version = c.version + 1 FROM removed r WHERE c.id = r.class_id
        ), noted AS (
          INSERT INTO revocations (class_id, subject, revoked_before)
          SELECT class_id, student_id::text, $3::timestamptz FROM removed
          ON CONFLICT (class_id, subject) DO UPDATE
            SET revoked_before = greatest(revocations.revoked_before, excluded.revoked_before)
        ) SELECT 1 AS removed FROM removed`,
      parameters: [classId, studentId, new Date().toISOString(), version ?? null],
    },
  ]);
  return removed.length === 0 ? undefined : v.parse(v.array(enrolmentResponseSchema), rows)[0];
}
