import * as v from "valibot";
import type { Env } from "../env.ts";
import { query } from "../queries/database.ts";

const rosteredSchema = v.object({ name: v.nullable(v.string()), team: v.nullable(v.string()) });
type Rostered = v.InferOutput<typeof rosteredSchema>;

/** A Hub starts no server while it waits for an answer. */
const patienceMs = 1_000;

/** How a class's roster calls a student; undefined where it doesn't name them, or doesn't say so soon. */
export async function rosteredAs(
  env: Env,
  classId: string,
  studentId: string,
): Promise<Rostered | undefined> {
  const late = scheduler.wait(patienceMs).then(() => undefined);
  return Promise.race([find(env, classId, studentId).catch(() => undefined), late]);
}

async function find(env: Env, classId: string, studentId: string): Promise<Rostered | undefined> {
  const [row] = await query(
    env,
    rosteredSchema,
    `SELECT nullif(s.name, '') AS name, CASE WHEN sc.rostered THEN t.name END AS team
     FROM students s
     LEFT JOIN student_classes sc ON sc.student_id = s.id AND sc.class_id = $2
     LEFT JOIN teams t ON t.id = sc.team_id
     WHERE s.id = $1 AND s.rostered`,
    [studentId, classId],
  );
  return row;
}
