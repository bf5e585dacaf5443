import { joinCodeSchema } from "@cell-monitor/protocol";
import * as v from "valibot";
import type { Env } from "../env.ts";
import { type Database, query } from "./database.ts";

const joinableSchema = v.object({ id: v.string(), key_version: v.number(), join_open: v.boolean() });

/** The class that a join code opens, if it is running; whether it takes anybody in now. */
export async function findByJoinCode(env: Env, joinCode: string) {
  const [row] = await query(
    env,
    joinableSchema,
    "SELECT id, key_version, join_open FROM classes WHERE join_code = $1 AND is_active AND removing_since IS NULL",
    [joinCode],
  );
  return row;
}

/** Gives a class another join code: nobody joins with the old one any more. */
export async function replaceJoinCode(db: Database, classId: string, joinCode: string) {
  const [row] = await db.rows(
    joinCodeSchema,
    `UPDATE classes SET join_code = $2, version = version + 1, updated_at = now() WHERE id = $1
     RETURNING join_code, join_open`,
    [classId, joinCode],
  );
  return row;
}
