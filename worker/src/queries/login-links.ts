import { createdId, loginLinkRecordSchema, type Page } from "@cell-monitor/protocol";
import * as v from "valibot";
import type { Env } from "../env.ts";
import { type Database, query } from "./database.ts";
import { listPage } from "./list-page.ts";
import { type Teacher, teacherColumns, teacherSchema } from "./people.ts";
import { isoTime } from "./time.ts";

const columns = `l.id, l.instructor_id, i.name AS instructor_name, ${isoTime("l.created_at")} AS created_at,
  ${isoTime("l.expires_at")} AS expires_at, ${isoTime("l.redeemed_at")} AS redeemed_at,
  ${isoTime("l.revoked_at")} AS revoked_at`;

export async function addLoginLink(
  db: Database,
  link: { instructorId: string; classId: string; hash: string; expiresMs: number },
): Promise<string> {
  const id = createdId(Date.now());
  await db.rows(
    v.unknown(),
    "INSERT INTO login_links (id, secret_hash, instructor_id, class_id, expires_at) VALUES ($1, $2, $3, $4, $5)",
    [id, link.hash, link.instructorId, link.classId, new Date(link.expiresMs).toISOString()],
  );
  return id;
}

/** Burns a login link. One conditional update: of two that come at once, one finds it unspent. */
export async function redeemLoginLink(env: Env, hash: string): Promise<Teacher | undefined> {
  const [row] = await query(
    env,
    teacherSchema,
    `WITH spent AS (
       UPDATE login_links SET redeemed_at = now()
       WHERE secret_hash = $1 AND redeemed_at IS NULL AND revoked_at IS NULL AND expires_at > now()
       RETURNING instructor_id
     )
     SELECT ${teacherColumns} FROM instructors i JOIN spent ON spent.instructor_id = i.id`,
    [hash],
  );
  return row;
}

/** Newest first. */
export function listLoginLinks(db: Database, classId: string, page: Page) {
  const from = "FROM login_links l JOIN instructors i ON i.id = l.instructor_id WHERE l.class_id = $1";
  const order = "l.created_at DESC, l.id DESC";
  return listPage(db, { row: loginLinkRecordSchema, columns, from, order, parameters: [classId] }, page);
}

/** Makes a link void that was not used yet. Harmless to repeat. */
export async function revokeLoginLink(db: Database, classId: string, linkId: string) {
  const [row] = await db.rows(
    loginLinkRecordSchema,
    `WITH l AS (
       UPDATE login_links SET revoked_at = coalesce(revoked_at, CASE WHEN redeemed_at IS NULL THEN now() END)
       WHERE id = $1 AND class_id = $2 RETURNING *
     ) SELECT ${columns} FROM l JOIN instructors i ON i.id = l.instructor_id`,
    [linkId, classId],
  );
  return row;
}
