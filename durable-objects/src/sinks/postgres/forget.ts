import type { NeonQueryFunction } from "@neondatabase/serverless";
import * as v from "valibot";
import type { ForgetOutcome } from "../sink.ts";
import { outcomeOf } from "./outcome.ts";

/** Rows of a table that one request removes: some tenths of a second of the database's. */
const rowsAtOnce = 2_000;

/**
 * What students did, by the table and the condition that says what of it is older. What people made (notebooks, assignments,
 * what was handed in), who is in a class, and what was agreed to or looked at, is not a matter of age.
 */
const aged = [
  ["cell_executions", "executed_at < $2::timestamptz"],
  ["progress_events", "event_time < $2::timestamptz"],
  ["notebook_accesses", "accessed_at < $2::timestamptz"],
  ["help_requests", "NOT is_open AND coalesce(closed_at, requested_at) < $2::timestamptz"],
  ["sessions", "last_event_at < $2::timestamptz"],
] as const;

const removedSchema = v.array(v.object({ removed: v.number() }));

/** Removes a part of what is older from each table. Asked again, it goes on where it was; `done` once nothing was left. */
export async function forgetBefore(
  sql: Pick<NeonQueryFunction<false, false>, "query" | "transaction">,
  classId: string,
  beforeMs: number,
  signal: AbortSignal,
): Promise<ForgetOutcome> {
  const queries = aged.map(([table, isOlder]) =>
    sql.query(
      `WITH gone AS (DELETE FROM ${table} WHERE id IN (
         SELECT id FROM ${table} WHERE class_id = $1 AND ${isOlder} LIMIT ${rowsAtOnce}
       ) RETURNING 1) SELECT count(*)::integer AS removed FROM gone`,
      [classId, new Date(beforeMs).toISOString()],
    ),
  );
  try {
    const results = await sql.transaction(queries, { fetchOptions: { signal } });
    const removed = results.flatMap((rows) => v.parse(removedSchema, rows));
    return { kind: removed.some(({ removed }) => removed >= rowsAtOnce) ? "more" : "done" };
  } catch (error) {
    const outcome = outcomeOf(error);
    if (outcome.kind === "retry") return outcome;
    // Nothing that was asked can be wrong for good: people have to look, and it is asked again.
    return { kind: "retry", reason: error instanceof Error ? error.message : String(error) };
  }
}
