import {
  createdId,
  type MemberResponse,
  memberResponseSchema,
  type Page,
  personResponseSchema,
  type Result,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import type { Database, Statement } from "./database.ts";
import { listPage } from "./list-page.ts";
import { Resource } from "./resource.ts";
import { isoTime } from "./time.ts";
import { refusingViolations } from "./violations.ts";

/** People who may log in; they belong to no one class. */
export const people = new Resource({
  table: "instructors",
  row: personResponseSchema,
  columns: {
    id: "uuid",
    email: "text",
    name: "text",
    role: "text",
    version: "bigint",
    created_at: "timestamptz",
    updated_at: "timestamptz",
  },
  classColumn: null,
  order: "name, id",
});

const columns = `i.id, i.email, i.name, ic.role, ic.version::float8 AS version,
  ${isoTime("ic.created_at")} AS joined_at, CASE WHEN ic.is_confined THEN (
    SELECT coalesce(json_agg(s.section_id ORDER BY s.section_id), '[]'::json) FROM instructor_sections s
    WHERE s.instructor_id = ic.instructor_id AND s.class_id = ic.class_id
  ) END AS section_ids`;
const from = "FROM instructor_classes ic JOIN instructors i ON i.id = ic.instructor_id";

export function listMembers(db: Database, classId: string, role: string | undefined, page: Page) {
  return listPage(
    db,
    {
      row: memberResponseSchema,
      columns,
      from: `${from} WHERE ic.class_id = $1 AND ($2::text IS NULL OR ic.role = $2)`,
      order: "i.name, i.id",
      parameters: [classId, role ?? null],
    },
    page,
  );
}

function oneMember(classId: string, personId: string): Statement {
  const text = `SELECT ${columns} ${from} WHERE ic.class_id = $1 AND ic.instructor_id = $2`;
  return { text, parameters: [classId, personId] };
}

export async function findMember(db: Database, classId: string, personId: string) {
  const { text, parameters } = oneMember(classId, personId);
  const [row] = await db.rows(memberResponseSchema, text, parameters);
  return row;
}

export interface NewMember {
  readonly email: string;
  readonly name: string;
  readonly role: MemberResponse["role"];
  /** Null: the whole class. */
  readonly sectionIds: readonly string[] | null;
}

/**
 * Adds somebody to a class. Who is known by that address keeps their id and name, and who is in the class already keeps
 * their place in it.
 * @returns their place; undefined where there is no such class
 */
export function addMember(
  db: Database,
  classId: string,
  { email, name, role, sectionIds }: NewMember,
): Promise<Result<MemberResponse | undefined>> {
  const add = `WITH class AS (
      SELECT id FROM classes WHERE id = $1
    ), person AS (
      INSERT INTO instructors (id, email, name) SELECT $2, $3, $4 FROM class
      ON CONFLICT (email) DO UPDATE SET email = excluded.email RETURNING id
    ), member AS (
      INSERT INTO instructor_classes (instructor_id, class_id, role, is_confined)
      SELECT person.id, class.id, $5, $6::uuid[] IS NOT NULL FROM person, class
      ON CONFLICT DO NOTHING RETURNING instructor_id, class_id
    ) INSERT INTO instructor_sections (instructor_id, class_id, section_id)
    SELECT instructor_id, class_id, unnest($6::uuid[]) FROM member`;
  return refusingViolations(async () => {
    const [, rows] = await db.all([
      { text: add, parameters: [classId, createdId(Date.now()), email, name, role, sectionIds] },
      {
        text: `SELECT ${columns} ${from} WHERE ic.class_id = $1 AND i.email = $2`,
        parameters: [classId, email],
      },
    ]);
    return v.parse(v.array(memberResponseSchema), rows)[0];
  });
}

/** Statement parts that end what a person was given under a former place in a class, named `changed`. */
const endingWhatWasGiven = `ended AS (
    UPDATE instructors i SET token_epoch = token_epoch + 1 FROM changed c WHERE i.id = c.instructor_id
  ), told AS (
    UPDATE classes k SET version = k.version + 1 FROM changed c WHERE k.id = c.class_id
  ), noted AS (
    INSERT INTO revocations (class_id, subject, revoked_before)
    SELECT class_id, instructor_id::text, $3::timestamptz FROM changed
    ON CONFLICT (class_id, subject) DO UPDATE
      SET revoked_before = greatest(revocations.revoked_before, excluded.revoked_before)
  )`;

interface Change {
  readonly version: number | undefined;
  readonly role: MemberResponse["role"];
  readonly sectionIds: readonly string[] | null;
}

/**
 * Changes what somebody is in a class; what they were given before is void, since it says what they were.
 * @returns undefined where they have no such place, or have changed meanwhile
 */
export function changeMember(
  db: Database,
  classId: string,
  personId: string,
  { version, role, sectionIds }: Change,
): Promise<Result<MemberResponse | undefined>> {
  const text = `WITH changed AS (
      UPDATE instructor_classes SET role = $4, is_confined = $5::uuid[] IS NOT NULL, version = version + 1
      WHERE class_id = $1 AND instructor_id = $2 AND ($6::bigint IS NULL OR version = $6)
      RETURNING class_id, instructor_id
    ), gone AS (
      DELETE FROM instructor_sections s USING changed c
      WHERE s.class_id = c.class_id AND s.instructor_id = c.instructor_id
        AND NOT s.section_id = ANY (coalesce($5::uuid[], '{}'))
    ), kept AS (
      INSERT INTO instructor_sections (instructor_id, class_id, section_id)
      SELECT instructor_id, class_id, unnest($5::uuid[]) FROM changed ON CONFLICT DO NOTHING
    ), ${endingWhatWasGiven} SELECT FROM changed`;
  return refusingViolations(async () => {
    const [changed = [], rows] = await db.all([
      { text, parameters: [classId, personId, new Date().toISOString(), role, sectionIds, version ?? null] },
      oneMember(classId, personId),
    ]);
    return changed.length === 0 ? undefined : v.parse(v.array(memberResponseSchema), rows)[0];
  });
}

/** Takes somebody out of a class; what they were given is void. @returns what they were in it */
export async function removeMember(
  db: Database,
  classId: string,
  personId: string,
  version: number | undefined,
): Promise<MemberResponse | undefined> {
  const [rows, removed = []] = await db.all([
    oneMember(classId, personId),
    {
      text: `WITH changed AS (
          DELETE FROM instructor_classes
          WHERE class_id = $1 AND instructor_id = $2 AND ($4::bigint IS NULL OR version = $4)
          RETURNING class_id, instructor_id
        ), ${endingWhatWasGiven} SELECT FROM changed`,
      parameters: [classId, personId, new Date().toISOString(), version ?? null],
    },
  ]);
  return removed.length === 0 ? undefined : v.parse(v.array(memberResponseSchema), rows)[0];
}
