import { createdId } from "@cell-monitor/protocol";
import * as v from "valibot";
import type { Identity } from "../auth/oidc/finish.ts";
import type { Env } from "../env.ts";
import { query } from "./database.ts";
import { type Teacher, teacherColumns, teacherSchema } from "./people.ts";

/**
 * Who is known by an identity; notes that they have come. Who was an administrator once may hold a session as one yet,
 * which ends with all else of theirs only where it is known that every class must hear of it.
 */
export async function findByIdentity(
  env: Env,
  { issuer, subject, isAdmin }: Identity,
): Promise<Teacher | undefined> {
  const [row] = await query(
    env,
    teacherSchema,
    `WITH known AS (
       UPDATE instructor_identities SET last_login_at = now(), is_admin = is_admin OR $3
       WHERE issuer = $1 AND subject = $2 RETURNING instructor_id
     ) SELECT ${teacherColumns} FROM instructors i JOIN known ON known.instructor_id = i.id`,
    [issuer, subject, isAdmin],
  );
  return row;
}

const boundSchema = v.object({ has_person: v.boolean() });

/**
 * Ties an identity to the person who was invited by its address; an administrator need not have been.
 * @returns whether there is such a person, be they tied to it or to another already
 */
export async function bindIdentity(
  env: Env,
  { issuer, subject, verifiedEmail, name, isAdmin }: Identity,
): Promise<boolean> {
  const [row] = await query(
    env,
    boundSchema,
    `WITH invited AS (
       SELECT id FROM instructors WHERE lower(email) = $3
     ), made AS (
       INSERT INTO instructors (id, email, name) SELECT $4, $3, $5 WHERE $6 AND NOT EXISTS (SELECT FROM invited)
       ON CONFLICT (email) DO NOTHING RETURNING id
     ), person AS (
       SELECT id FROM invited UNION ALL SELECT id FROM made
     ), bound AS (
       INSERT INTO instructor_identities (issuer, subject, instructor_id, is_admin)
       SELECT $1, $2, id, $6 FROM person LIMIT 1 ON CONFLICT DO NOTHING
     ) SELECT EXISTS (SELECT FROM person) AS has_person`,
    [issuer, subject, verifiedEmail, createdId(Date.now()), name ?? verifiedEmail, isAdmin],
  );
  return row?.has_person === true;
}
