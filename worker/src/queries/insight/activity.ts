import { type Activity, activitySchema, type Page } from "@cell-monitor/protocol";
import * as v from "valibot";
import type { Database } from "../database.ts";
import { isoTime } from "../time.ts";
import { type Seen, seenBy, visible } from "./visible.ts";

export interface Span {
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** What may have happened: where it is, when it was, and what of it is shown. */
const kinds = [
  {
    table: "cell_executions",
    at: "x.executed_at",
    columns: `'run' AS kind, x.status AS what, x.notebook_id, x.cell_id, x.cell_index::float8, x.duration_ms,
      x.error_name, x.error_message, x.error_fingerprint`,
  },
  {
    table: "notebook_accesses",
    at: "x.accessed_at",
    columns: `'notebook', x.action, x.notebook_id, NULL::uuid, NULL::float8, NULL::float8, NULL, NULL, NULL`,
  },
  {
    table: "help_requests",
    at: "x.requested_at",
    columns: `'help', 'help', x.notebook_id, x.cell_id, NULL::float8,
      extract(epoch FROM x.closed_at - x.requested_at)::float8 * 1000, NULL, NULL, NULL`,
  },
  {
    table: "progress_events",
    at: "x.event_time",
    columns: `'event', x.event_type, NULL::uuid, NULL::uuid, NULL::float8, NULL::float8, NULL, NULL, NULL`,
  },
] as const;

function within(at: string): string {
  return `x.class_id = $1::uuid AND x.student_id = $3::uuid AND ${at} >= coalesce($4::timestamptz, '-infinity')
    AND ${at} < coalesce($5::timestamptz, 'infinity')`;
}

/** What a student did, the latest first. @returns undefined where no such student may be seen */
export async function listActivity(
  db: Database,
  seen: Seen,
  studentId: string,
  { from, to }: Span,
  { skip, limit }: Page,
): Promise<{ readonly rows: Activity[]; readonly total: number } | undefined> {
  const parameters = [...seenBy(seen), studentId, from ?? null, to ?? null];
  const newest = kinds.map(
    ({ table, at, columns }) =>
      `(SELECT x.id, ${at} AS at, ${columns} FROM ${table} x WHERE ${within(at)}
        ORDER BY ${at} DESC LIMIT ${skip + limit})`,
  );
  const counts = kinds.map(({ table, at }) => `(SELECT count(*) FROM ${table} x WHERE ${within(at)})`);
  const [rows, counted] = await db.all([
    {
      text: `WITH ${visible}, happened AS (${newest.join(" UNION ALL ")})
        SELECT ${isoTime("h.at")} AS at, h.kind, h.what, n.path AS notebook, c.cell_id, h.cell_index, h.duration_ms,
          h.error_name, h.error_message, h.error_fingerprint
        FROM happened h LEFT JOIN notebooks n ON n.id = h.notebook_id LEFT JOIN cells c ON c.id = h.cell_id
        WHERE EXISTS (SELECT FROM visible WHERE student_id = $3::uuid) ORDER BY h.at DESC, h.id OFFSET ${skip} LIMIT ${limit}`,
      parameters,
    },
    {
      text: `WITH ${visible} SELECT (${counts.join(" + ")})::integer AS total FROM visible WHERE student_id = $3::uuid`,
      parameters,
    },
  ]);
  const [count] = v.parse(v.array(v.object({ total: v.number() })), counted);
  return count && { rows: v.parse(v.array(activitySchema), rows), total: count.total };
}
