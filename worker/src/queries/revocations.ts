import * as v from "valibot";
import type { Database } from "./database.ts";
import { isoTime } from "./time.ts";

// The moment is the worker's, as that of every token is: a database whose clock runs ahead would make void what is made next.
const nowIso = () => new Date().toISOString();

const revokedSchema = v.object({ subject: v.string(), revoked_before: v.string() });

/** Makes all void that a class gave to somebody until now. Undefined where there is no such class. */
export async function revokeSubject(db: Database, classId: string, subject: string) {
  const [row] = await db.rows(
    revokedSchema,
    `WITH told AS (
       UPDATE classes SET version = version + 1 WHERE id = $1 RETURNING id
     ), noted AS (
       INSERT INTO revocations (class_id, subject, revoked_before) SELECT id, $2, $3::timestamptz FROM told
       ON CONFLICT (class_id, subject) DO UPDATE
         SET revoked_before = greatest(revocations.revoked_before, excluded.revoked_before)
       RETURNING subject, revoked_before
     ) SELECT subject, ${isoTime("revoked_before")} AS revoked_before FROM noted`,
    [classId, subject, nowIso()],
  );
  return row;
}

/** Makes all void that was made of a class's keys, the keys with it. Undefined where there is no such class. */
export async function revokeAllOfClass(db: Database, classId: string) {
  const [row] = await db.rows(
    v.object({ key_version: v.number() }),
    `WITH told AS (
       UPDATE classes SET key_version = key_version + 1, version = version + 1 WHERE id = $1
       RETURNING id, key_version
     ), keys AS (
       UPDATE class_keys SET revoked_at = $2::timestamptz WHERE class_id = $1 AND revoked_at IS NULL
     ), kept AS (
       -- What was revoked one by one is void by the version now.
       DELETE FROM revocations r USING told
       WHERE r.class_id = told.id AND NOT EXISTS (SELECT FROM instructors i WHERE i.id::text = r.subject)
     ) SELECT key_version FROM told`,
    [classId, nowIso()],
  );
  return row;
}

const endedSchema = v.object({ id: v.string(), classes: v.array(v.string()) });

/**
 * Ends every session and token of a person, and the links they have not used yet. An administrator's may be in any class, so that every class is told.
 * @returns the classes to be told; undefined where there is no such person
 */
export async function endAllOfPerson(db: Database, personId: string, mayHaveBeenAdmin: boolean) {
  const [row] = await db.rows(
    endedSchema,
    `WITH person AS (
       UPDATE instructors i SET token_epoch = token_epoch + 1 WHERE id = $1
       RETURNING id, $3::boolean OR role = 'admin' OR EXISTS (
         SELECT FROM instructor_identities o WHERE o.instructor_id = i.id AND o.is_admin
       ) AS is_admin
     ), told AS (
       UPDATE classes c SET version = c.version + 1 FROM person p
       WHERE p.is_admin
         OR EXISTS (SELECT FROM instructor_classes ic WHERE ic.instructor_id = p.id AND ic.class_id = c.id)
       RETURNING c.id
     ), links AS (
       UPDATE login_links SET revoked_at = now()
       WHERE instructor_id IN (SELECT id FROM person) AND redeemed_at IS NULL AND revoked_at IS NULL
     ), noted AS (
       INSERT INTO revocations (class_id, subject, revoked_before) SELECT id, $1::uuid::text, $2::timestamptz FROM told
       ON CONFLICT (class_id, subject) DO UPDATE
         SET revoked_before = greatest(revocations.revoked_before, excluded.revoked_before)
     ) SELECT id, (SELECT coalesce(json_agg(told.id), '[]'::json) FROM told) AS classes FROM person`,
    [personId, nowIso(), mayHaveBeenAdmin],
  );
  return row;
}
