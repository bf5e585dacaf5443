import { memberRoleSchema } from "@cell-monitor/protocol";
import * as v from "valibot";
import type { Env } from "../env.ts";
import { type Database, query } from "./database.ts";

export const teacherSchema = v.object({
  id: v.string(),
  name: v.string(),
  role: v.picklist(["instructor", "admin", "researcher"]),
  token_epoch: v.number(),
  classes: v.array(
    v.object({
      id: v.string(),
      key_version: v.number(),
      role: memberRoleSchema,
      /** That they are confined to. */
      sections: v.nullable(v.array(v.string())),
    }),
  ),
});
export type Teacher = v.InferOutput<typeof teacherSchema>;

/** Of instructors `i`. */
export const teacherColumns = `i.id, i.name, i.role, i.token_epoch, coalesce(
  (SELECT json_agg(json_build_object('id', c.id, 'key_version', c.key_version, 'role', ic.role, 'sections',
     CASE WHEN ic.is_confined THEN (
       SELECT coalesce(json_agg(s.section_id ORDER BY s.section_id), '[]'::json) FROM instructor_sections s
       WHERE s.instructor_id = ic.instructor_id AND s.class_id = ic.class_id
     ) END) ORDER BY c.id)
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

/** A person with all their classes. */
export async function findPerson(db: Database, personId: string): Promise<Teacher | undefined> {
  const [row] = await db.rows(teacherSchema, `SELECT ${teacherColumns} FROM instructors i WHERE i.id = $1`, [
    personId,
  ]);
  return row;
}
