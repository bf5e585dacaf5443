import { createdId, type KeyRecord, keyRecordSchema, type Page } from "@cell-monitor/protocol";
import * as v from "valibot";
import type { Database } from "./database.ts";
import { listPage } from "./list-page.ts";
import { isoTime } from "./time.ts";

const columns = `k.id, k.name, k.scopes, ${isoTime("k.created_at")} AS created_at,
  ${isoTime("k.expires_at")} AS expires_at, ${isoTime("k.ends_at")} AS ends_at,
  ${isoTime("k.revoked_at")} AS revoked_at, k.replaced_by`;

const madeSchema = v.object({ ...keyRecordSchema.entries, key_version: v.number() });
/** A key with the version of the class's keys that it is made under. */
export type MadeKey = v.InferOutput<typeof madeSchema>;

export interface NewKey {
  readonly scopes: readonly string[];
  readonly name: string;
  readonly expiresMs: number;
}

/** Notes a new key of a class. Undefined where there is no such class. */
export async function addClassKey(
  db: Database,
  classId: string,
  { scopes, name, expiresMs }: NewKey,
): Promise<MadeKey | undefined> {
  const [row] = await db.rows(
    madeSchema,
    `WITH k AS (
       INSERT INTO class_keys (id, class_id, scopes, name, key_version, expires_at)
       SELECT $1, id, $3::text[], $4, key_version, $5 FROM classes WHERE id = $2 RETURNING *
     ) SELECT ${columns}, k.key_version FROM k`,
    [createdId(Date.now()), classId, scopes, name, isoOf(expiresMs)],
  );
  return row;
}

/** Newest first. */
export function listClassKeys(db: Database, classId: string, page: Page) {
  const from = "FROM class_keys k WHERE k.class_id = $1";
  const order = "k.created_at DESC, k.id DESC";
  return listPage(db, { row: keyRecordSchema, columns, from, order, parameters: [classId] }, page);
}

/**
 * Notes a key that takes another's place, with the same scopes and name. Undefined where there is none that still stands.
 * @param endsMs when the old one ends; undefined: not by this. Unix ms
 */
export async function rotateClassKey(
  db: Database,
  classId: string,
  keyId: string,
  { expiresMs, endsMs }: { readonly expiresMs: number; readonly endsMs: number | undefined },
): Promise<MadeKey | undefined> {
  const [row] = await db.rows(
    madeSchema,
    `WITH old AS (
       SELECT k.*, c.key_version AS now_under FROM class_keys k JOIN classes c ON c.id = k.class_id
       WHERE k.id = $1 AND k.class_id = $2 AND k.revoked_at IS NULL AND k.replaced_by IS NULL
         AND k.key_version = c.key_version AND k.expires_at > $6::timestamptz
       FOR UPDATE OF k
     ), k AS (
       INSERT INTO class_keys (id, class_id, scopes, name, key_version, expires_at)
       SELECT $3, class_id, scopes, name, now_under, $4 FROM old RETURNING *
     ), ended AS (
       UPDATE class_keys SET replaced_by = $3, ends_at = coalesce($5::timestamptz, ends_at)
       WHERE id IN (SELECT id FROM old)
     ), told AS (
       UPDATE classes SET version = version + 1 WHERE id IN (SELECT class_id FROM old)
     ) SELECT ${columns}, k.key_version FROM k`,
    [
      keyId,
      classId,
      createdId(Date.now()),
      isoOf(expiresMs),
      endsMs === undefined ? null : isoOf(endsMs),
      isoOf(Date.now()),
    ],
  );
  return row;
}

/** Makes a key void, and all that it minted. Harmless to repeat. */
export async function revokeClassKey(
  db: Database,
  classId: string,
  keyId: string,
): Promise<KeyRecord | undefined> {
  const [row] = await db.rows(
    keyRecordSchema,
    `WITH k AS (
       UPDATE class_keys SET revoked_at = coalesce(revoked_at, $3::timestamptz) WHERE id = $1 AND class_id = $2
       RETURNING *
     ), noted AS (
       INSERT INTO revocations (class_id, subject, revoked_before) SELECT class_id, id::text, revoked_at FROM k
       ON CONFLICT (class_id, subject) DO UPDATE
         SET revoked_before = greatest(revocations.revoked_before, excluded.revoked_before)
     ), told AS (
       UPDATE classes SET version = version + 1 WHERE id IN (SELECT class_id FROM k)
     ) SELECT ${columns} FROM k`,
    [keyId, classId, isoOf(Date.now())],
  );
  return row;
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
