import { classCellSchema, classErrorSchema, type Page } from "@cell-monitor/protocol";
import * as v from "valibot";
import type { Database } from "../database.ts";
import { isoTime } from "../time.ts";
import type { Span } from "./activity.ts";
import { ofClass, type Seen, seenBy, visible } from "./visible.ts";

/** Runs in the span that count: what the kernel turned away does not. */
const runs = `WITH ${visible}, runs AS (
    SELECT * FROM cell_executions WHERE class_id = $1::uuid AND status <> 'aborted'
      AND executed_at >= coalesce($3::timestamptz, '-infinity') AND executed_at < coalesce($4::timestamptz, 'infinity')
      AND ($2::uuid[] IS NULL OR student_id IN (SELECT student_id FROM visible))
  )`;

const listed = v.tuple([v.object({ total: v.number() })]);

/** How a class did on each of its cells, as notebooks have them in their order. */
export async function listCells(
  db: Database,
  seen: Seen,
  { from, to, notebook_id: notebookId }: Span & { readonly notebook_id: string | undefined },
  { skip, limit }: Page,
) {
  const parameters = [...seenBy(seen), from ?? null, to ?? null, notebookId ?? null];
  const chosen =
    "FROM runs r JOIN cells c ON c.id = r.cell_id WHERE ($5::uuid IS NULL OR c.notebook_id = $5::uuid)";
  const found = await ofClass(db, seen, [
    {
      text: `${runs} SELECT c.notebook_id, n.path AS notebook, c.cell_id, c.cell_type, c.position::float8, c.grade_id,
          d.runs, d.errors, d.students, d.students_done, d.median_ms, ${isoTime("d.last_run")} AS last_run_at
        FROM (
          SELECT c.id, count(*)::integer AS runs, count(*) FILTER (WHERE r.status = 'error')::integer AS errors,
            count(DISTINCT r.student_id)::integer AS students, max(r.executed_at) AS last_run,
            count(DISTINCT r.student_id) FILTER (WHERE r.status = 'ok')::integer AS students_done,
            percentile_cont(0.5) WITHIN GROUP (ORDER BY r.duration_ms) AS median_ms
          ${chosen} GROUP BY c.id
        ) d JOIN cells c ON c.id = d.id LEFT JOIN notebooks n ON n.id = c.notebook_id
        ORDER BY n.path NULLS LAST, c.position NULLS LAST, c.cell_id, c.id OFFSET ${skip} LIMIT ${limit}`,
      parameters,
    },
    { text: `${runs} SELECT count(DISTINCT c.id)::integer AS total ${chosen}`, parameters },
  ]);
  if (!found) return undefined;
  const [{ total }] = v.parse(listed, found[1]);
  return { rows: v.parse(v.array(classCellSchema), found[0]), total };
}

/** The mistakes of a class, like with like: what most students made first. */
export async function listErrors(db: Database, seen: Seen, { from, to }: Span, { skip, limit }: Page) {
  const parameters = [...seenBy(seen), from ?? null, to ?? null];
  const chosen = "FROM runs r WHERE r.status = 'error' AND r.error_fingerprint IS NOT NULL";
  const found = await ofClass(db, seen, [
    {
      text: `${runs} SELECT error_fingerprint AS fingerprint,
          (array_agg(error_name ORDER BY executed_at DESC, id))[1] AS name,
          (array_agg(error_message ORDER BY executed_at DESC, id))[1] AS message,
          count(*)::integer AS count, count(DISTINCT student_id)::integer AS students,
          count(DISTINCT cell_id)::integer AS cells,
          ${isoTime("min(executed_at)")} AS first_at, ${isoTime("max(executed_at)")} AS last_at
        ${chosen} GROUP BY error_fingerprint ORDER BY students DESC, count DESC, fingerprint
        OFFSET ${skip} LIMIT ${limit}`,
      parameters,
    },
    { text: `${runs} SELECT count(DISTINCT error_fingerprint)::integer AS total ${chosen}`, parameters },
  ]);
  if (!found) return undefined;
  const [{ total }] = v.parse(listed, found[1]);
  return { rows: v.parse(v.array(classErrorSchema), found[0]), total };
}
