import type { ClassResponse, Result } from "@cell-monitor/protocol";
import * as v from "valibot";
import { classes } from "./classes.ts";
import type { Database } from "./database.ts";

/**
 * Marks a class as one that goes: nothing that comes for it finds it any more, while its rows are taken away. Can be
 * asked for again as long as they are.
 * @param version the version that is meant, unless removing it has begun
 */
export async function beginRemoval(db: Database, classId: string, version: number | undefined) {
  const [row] = await db.rows(
    v.object({ is_there: v.boolean(), is_marked: v.boolean() }),
    `WITH there AS (SELECT 1 FROM classes WHERE id = $1::uuid), marked AS (
       UPDATE classes SET removing_since = now(), is_active = false, join_open = false,
         key_version = key_version + 1, version = version + 1
       WHERE id = $1::uuid AND (removing_since IS NOT NULL OR $2::bigint IS NULL OR version = $2::bigint)
       RETURNING 1
     ) SELECT EXISTS (SELECT FROM there) AS is_there, EXISTS (SELECT FROM marked) AS is_marked`,
    [classId, version ?? null],
  );
  if (!row) throw new Error("The database returned no row.");
  return row;
}

/** Tables whose rows grow with what students do, those first that others do not refer to. */
const grown = [
  "cell_executions",
  "progress_events",
  "notebook_accesses",
  "help_requests",
  "sessions",
  "assignment_submissions",
  "cells",
] as const;

const rowsAtOnce = 20_000;

/** Takes away what a class's students did, a bounded part a statement: all of it may take longer than one may last. */
export async function removeGrown(db: Database, classId: string): Promise<void> {
  for (const table of grown) {
    let removed: number;
    do {
      removed = await removeSome(db, table, classId);
    } while (removed === rowsAtOnce);
  }
}

async function removeSome(db: Database, table: string, classId: string): Promise<number> {
  const [row] = await db.rows(
    v.object({ removed: v.number() }),
    `WITH gone AS (
       DELETE FROM ${table} WHERE id IN (SELECT id FROM ${table} WHERE class_id = $1 LIMIT ${rowsAtOnce}) RETURNING 1
     ) SELECT count(*)::integer AS removed FROM gone`,
    [classId],
  );
  return row?.removed ?? 0;
}

/** Takes away the class itself, and who is known from it alone: on no roster, and in no other class. */
export async function finishRemoval(db: Database, classId: string): Promise<Result<ClassResponse>> {
  await db.rows(
    v.unknown(),
    `DELETE FROM students s WHERE NOT s.rostered
       AND EXISTS (SELECT FROM student_classes sc WHERE sc.student_id = s.id AND sc.class_id = $1)
       AND NOT EXISTS (SELECT FROM student_classes sc WHERE sc.student_id = s.id AND sc.class_id <> $1)`,
    [classId],
  );
  return classes.remove(db, { all: true }, classId);
}
