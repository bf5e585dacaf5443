import type { ClassSettings } from "@cell-monitor/durable-objects";
import {
  type ClassResponse,
  classResponseSchema,
  createdId,
  defaultThresholds,
  type Result,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import type { Env } from "../env.ts";
import { query } from "./database.ts";
import { refusingViolations } from "./violations.ts";

const columns = `id, name, class_code, description, capture_level, join_code,
  to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS created_at,
  to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS updated_at`;

export interface NewClass {
  readonly name: string;
  readonly class_code: string;
  readonly description?: string | undefined;
  readonly capture_level?: string | undefined;
}

export function createClass(
  env: Env,
  given: NewClass,
  joinCode: string,
): Promise<Result<ClassResponse | undefined>> {
  const { name, class_code, description, capture_level } = given;
  return refusingViolations(async () => {
    const [row] = await query(
      env,
      classResponseSchema,
      `INSERT INTO classes (id, name, class_code, description, capture_level, join_code)
       VALUES ($1, $2, $3, $4, $5, $6) RETURNING ${columns}`,
      [createdId(Date.now()), name, class_code, description ?? null, capture_level ?? "activity", joinCode],
    );
    return row;
  });
}

export async function findClass(env: Env, classId: string): Promise<ClassResponse | undefined> {
  const [row] = await query(env, classResponseSchema, `SELECT ${columns} FROM classes WHERE id = $1`, [
    classId,
  ]);
  return row;
}

/** @param ids undefined: all of them */
export function listClasses(env: Env, ids: readonly string[] | undefined): Promise<ClassResponse[]> {
  const condition = ids ? "WHERE id = ANY ($1::uuid[])" : "";
  return query(
    env,
    classResponseSchema,
    `SELECT ${columns} FROM classes ${condition} ORDER BY name, id LIMIT 200`,
    ids ? [ids] : [],
  );
}

const joinableSchema = v.object({ id: v.string(), key_version: v.number() });

/** The class that a join code opens, if it is running. */
export async function findByJoinCode(env: Env, joinCode: string) {
  const [row] = await query(
    env,
    joinableSchema,
    "SELECT id, key_version FROM classes WHERE join_code = $1 AND is_active",
    [joinCode],
  );
  return row;
}

const settingsRowSchema = v.object({
  id: v.string(),
  version: v.pipe(v.union([v.string(), v.number()]), v.transform(Number)),
  name: v.string(),
  class_code: v.string(),
  capture_level: classResponseSchema.entries.capture_level,
  key_version: v.number(),
  retention_days: v.number(),
  settings: v.object({
    stuckAfterErrors: v.optional(v.number(), defaultThresholds.stuckAfterErrors),
    idleAfterMs: v.optional(v.number(), defaultThresholds.idleAfterMs),
  }),
});

/** What the class's object is configured with. */
export async function classSettings(env: Env, classId: string): Promise<ClassSettings | undefined> {
  const [row] = await query(
    env,
    settingsRowSchema,
    `SELECT id, version, name, class_code, capture_level, key_version, retention_days, settings
     FROM classes WHERE id = $1`,
    [classId],
  );
  return (
    row && {
      classId: row.id,
      version: row.version,
      name: row.name,
      code: row.class_code,
      captureLevel: row.capture_level,
      keyVersion: row.key_version,
      retentionDays: row.retention_days,
      ...row.settings,
    }
  );
}
