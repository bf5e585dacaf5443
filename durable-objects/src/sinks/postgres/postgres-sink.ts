import type { NeonQueryFunction } from "@neondatabase/serverless";
import type { LoggedEvent, Sink } from "../sink.ts";
import { forgetBefore } from "./forget.ts";
import { ClassIds } from "./ids.ts";
import { outcomeOf } from "./outcome.ts";
import { withParents } from "./parents.ts";
import type { Projection } from "./projection.ts";
import { putProgressEvent } from "./projections/progress.ts";
import { RowSet } from "./row-set.ts";
import { tables } from "./tables.ts";
import { upsert } from "./upsert.ts";

export interface PostgresSinkOptions {
  readonly classId: string;
  /** What `neon(url)` gives. */
  readonly sql: Pick<NeonQueryFunction<false, false>, "query" | "transaction">;
  /** By event type. What has none here is kept as a progress event. */
  readonly projections: ReadonlyMap<string, Projection>;
}

/** Writes a class's events to Postgres: a batch is one transaction, and writing it again changes nothing. */
export function createPostgresSink({ classId, sql, projections }: PostgresSinkOptions): Sink {
  const ids = new ClassIds(classId);
  return {
    name: "postgres",
    async write(batch, signal) {
      const rows = project(batch, classId, ids, projections);
      const statements = tables.flatMap((table) => upsert(table, rows.rows(table)) ?? []);
      if (statements.length === 0) return { kind: "written" };
      try {
        const queries = statements.map(({ text, params }) => sql.query(text, [...params]));
        await sql.transaction(queries, { fetchOptions: { signal } });
        return { kind: "written" };
      } catch (error) {
        return outcomeOf(error);
      }
    },
    forget: (beforeMs, signal) => forgetBefore(sql, classId, beforeMs, signal),
  };
}

/** The rows that a batch of events makes, those it refers to among them. */
function project(
  batch: readonly LoggedEvent[],
  classId: string,
  ids: ClassIds,
  projections: PostgresSinkOptions["projections"],
): RowSet {
  const rows = new RowSet();
  for (const logged of batch) {
    const projected = withParents(logged, classId, ids, rows);
    const isKept = projections.get(logged.event.eventType)?.(projected);
    if (!isKept) putProgressEvent(projected);
  }
  return rows;
}
