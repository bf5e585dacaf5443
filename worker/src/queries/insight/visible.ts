import type { Database, Statement } from "../database.ts";

/** A class as somebody sees it: all of it, or the students of some of its sections. */
export interface Seen {
  readonly classId: string;
  /** Undefined: all of it. */
  readonly sections: readonly string[] | undefined;
}

/** The statement's first two parameters: the class, and the sections it is confined to. */
export function seenBy({ classId, sections }: Seen): unknown[] {
  return [classId, sections ?? null];
}

/** The students that may be seen, as a part of `WITH`. */
export const visible = `visible AS (
    SELECT * FROM student_classes WHERE class_id = $1::uuid AND ($2::uuid[] IS NULL OR section_id = ANY ($2::uuid[]))
  )`;

/**
 * Runs statements on a class. Machine code is made for none of them: that takes several times as long as they do, and
 * they are not run again.
 * @returns undefined where there is no such class
 */
export async function ofClass(
  db: Database,
  { classId }: Seen,
  statements: readonly Statement[],
): Promise<unknown[][] | undefined> {
  const text = "SELECT set_config('jit', 'off', true) FROM classes WHERE id = $1";
  const [found = [], ...rows] = await db.all([{ text, parameters: [classId] }, ...statements]);
  return found.length === 0 ? undefined : rows;
}
