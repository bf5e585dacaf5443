import { createdId, enrolmentRoleSchema } from "@cell-monitor/protocol";
import * as v from "valibot";
import type { Granted } from "../auth/claims.ts";
import type { KnownClass, KnownStudent, RosterPlan } from "../roster/plan.ts";
import type { Database } from "./database.ts";

const knownSchema = v.object({
  id: v.string(),
  name: v.string(),
  email: v.nullable(v.string()),
  rostered: v.boolean(),
  is_shared: v.boolean(),
  place: v.nullable(
    v.object({
      team: v.nullable(v.string()),
      section: v.nullable(v.string()),
      role: enrolmentRoleSchema,
      rostered: v.boolean(),
    }),
  ),
});
const namesSchema = v.array(v.object({ name: v.string() }));

/**
 * What is known of a class and of the students that a roster may name.
 * @param granted the asker's classes: who is in others, too, is shared
 * @returns undefined where there is no such class
 */
export async function findKnownClass(
  db: Database,
  granted: Granted,
  classId: string,
  studentIds: readonly string[],
): Promise<KnownClass | undefined> {
  const [classes = [], rows, teams, sections] = await db.all([
    { text: "SELECT 1 AS found FROM classes WHERE id = $1", parameters: [classId] },
    {
      text: `SELECT s.id, s.name, s.email, s.rostered,
          $3::uuid[] IS NOT NULL AND EXISTS (
            SELECT FROM student_classes o WHERE o.student_id = s.id AND NOT o.class_id = ANY ($3::uuid[])
          ) AS is_shared,
          CASE WHEN sc.student_id IS NOT NULL THEN json_build_object(
            'team', t.name, 'section', n.name, 'role', sc.role, 'rostered', sc.rostered
          ) END AS place
        FROM students s
        LEFT JOIN student_classes sc ON sc.student_id = s.id AND sc.class_id = $1
        LEFT JOIN teams t ON t.id = sc.team_id
        LEFT JOIN sections n ON n.id = sc.section_id
        WHERE s.id = ANY ($2::uuid[]) OR sc.rostered`,
      parameters: [classId, studentIds, granted.all ? null : granted.ids],
    },
    { text: "SELECT name FROM teams WHERE class_id = $1", parameters: [classId] },
    { text: "SELECT name FROM sections WHERE class_id = $1", parameters: [classId] },
  ]);
  if (classes.length === 0) return undefined;
  const students = new Map(
    v.parse(v.array(knownSchema), rows).map(({ id, is_shared: isShared, place, ...rest }) => {
      const known: KnownStudent = { ...rest, isShared, ...(place && { place }) };
      return [id, known] as const;
    }),
  );
  const rostered = [...students.values()].filter(({ place }) => place?.rostered).length;
  return { students, teams: namesOf(teams), sections: namesOf(sections), rostered };
}

function namesOf(rows: unknown): ReadonlySet<string> {
  return new Set(v.parse(namesSchema, rows).map(({ name }) => name));
}

/** Writes what was planned, all of it or nothing. */
export async function writeRoster(
  db: Database,
  classId: string,
  { report, students }: RosterPlan,
  issuer: string,
): Promise<void> {
  const nowMs = Date.now();
  const group = (table: "teams" | "sections", names: readonly string[]) => ({
    text: `INSERT INTO ${table} (id, class_id, name) SELECT g.id, $1, g.name
      FROM unnest($2::uuid[], $3::text[]) AS g (id, name) ON CONFLICT (class_id, name) DO NOTHING`,
    parameters: [classId, names.map(() => createdId(nowMs)), names],
  });
  const column = <Key extends keyof (typeof students)[number]>(key: Key) => students.map((row) => row[key]);
  const ids = column("id");
  await db.all([
    group("teams", report.new_teams),
    group("sections", report.new_sections),
    {
      text: writeStudents,
      parameters: [ids, column("subject"), column("name"), column("email"), issuer],
    },
    {
      text: `INSERT INTO student_classes AS sc (class_id, student_id, team_id, section_id, role, rostered)
        SELECT $1, g.id, t.id, n.id, g.role, true
        FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[]) AS g (id, team, section, role)
        LEFT JOIN teams t ON t.class_id = $1 AND t.name = g.team
        LEFT JOIN sections n ON n.class_id = $1 AND n.name = g.section
        ON CONFLICT (class_id, student_id) DO UPDATE SET team_id = excluded.team_id,
          section_id = excluded.section_id, role = excluded.role, rostered = true, version = sc.version + 1`,
      parameters: [classId, ids, column("team"), column("section"), column("role")],
    },
  ]);
}

/** Who is on a roster is known by it from then on, whatever events say. */
const writeStudents = `INSERT INTO students AS s (id, issuer, subject, name, email, rostered)
  SELECT g.id, $5, g.subject, coalesce(g.name, ''), g.email, true
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) AS g (id, subject, name, email)
  ON CONFLICT (id) DO UPDATE SET issuer = excluded.issuer, subject = excluded.subject, rostered = true,
    name = coalesce(nullif(excluded.name, ''), s.name), email = coalesce(excluded.email, s.email),
    version = s.version + 1, updated_at = now()`;
