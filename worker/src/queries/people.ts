import { createdId, instructorResponseSchema, memberRoleSchema } from "@cell-monitor/protocol";
import * as v from "valibot";
import type { Env } from "../env.ts";
import { query } from "./database.ts";

/** Adds a person to a class's instructors; who is known by that address keeps their id. */
export async function addInstructor(env: Env, classId: string, email: string, name: string) {
  const [row] = await query(
    env,
    instructorResponseSchema,
    `WITH person AS (
       INSERT INTO instructors (id, email, name) VALUES ($1, $2, $3)
       ON CONFLICT (email) DO UPDATE SET name = excluded.name, updated_at = now()
       RETURNING id, email, name
     ), membership AS (
       INSERT INTO instructor_classes (instructor_id, class_id) SELECT id, $4 FROM person ON CONFLICT DO NOTHING
     )
     SELECT id, email, name FROM person`,
    [createdId(Date.now()), email, name, classId],
  );
  return row;
}

export const teacherSchema = v.object({
  id: v.string(),
  name: v.string(),
  role: v.picklist(["instructor", "admin", "researcher"]),
  token_epoch: v.number(),
  classes: v.array(v.object({ id: v.string(), key_version: v.number(), role: memberRoleSchema })),
});
export type Teacher = v.InferOutput<typeof teacherSchema>;

/** Of instructors `i`. */
export const teacherColumns = `i.id, i.name, i.role, i.token_epoch, coalesce(
  (SELECT json_agg(json_build_object('id', c.id, 'key_version', c.key_version, 'role', ic.role))
   FROM instructor_classes ic JOIN classes c ON c.id = ic.class_id WHERE ic.instructor_id = i.id),
  '[]'::json) AS classes`;

/** An instructor with the classes they teach, if they teach this one. */
export async function findTeacher(
  env: Env,
  instructorId: string,
  classId: string,
): Promise<Teacher | undefined> {
  const [row] = await query(
    env,
    teacherSchema,
    `SELECT ${teacherColumns} FROM instructors i
     WHERE i.id = $1 AND EXISTS (SELECT FROM instructor_classes WHERE instructor_id = i.id AND class_id = $2)`,
    [instructorId, classId],
  );
  return row;
}
