import { timelineResponseSchema } from "@cell-monitor/protocol";
import * as v from "valibot";
import type { TimelineSpan } from "../../insight/timeline-span.ts";
import type { Database } from "../database.ts";
import { isoTime } from "../time.ts";
import { ofClass, type Seen, seenBy, visible } from "./visible.ts";

const { buckets } = timelineResponseSchema.entries;

/** Each student's rows are found by their index: a class of thousands is no scan of the table. */
function happened(table: string, at: string, kind: string): string {
  return `SELECT sc.student_id, ${at} AS at, ${kind} FROM visible sc
    JOIN ${table} x ON x.student_id = sc.student_id AND x.class_id = sc.class_id
    WHERE ${at} >= $3::timestamptz AND ${at} < $4::timestamptz`;
}

/** What happened in a class, bucket by bucket. @returns undefined where there is no such class */
export async function findTimeline(db: Database, seen: Seen, { fromMs, toMs, bucket }: TimelineSpan) {
  const [fromIso, toIso] = [new Date(fromMs).toISOString(), new Date(toMs).toISOString()];
  const step = `interval '1 ${bucket}'`;
  const found = await ofClass(db, seen, [
    {
      text: `WITH ${visible}, happened AS (
          ${happened("cell_executions", "x.executed_at", "'run' AS kind, x.status AS status")}
          UNION ALL ${happened("notebook_accesses", "x.accessed_at", "'notebook', NULL")}
          UNION ALL ${happened("help_requests", "x.requested_at", "'help', NULL")}
          UNION ALL ${happened("progress_events", "x.event_time", "'event', NULL")}
        ), counted AS (
          SELECT date_bin(${step}, at, $3::timestamptz) AS start, count(*)::integer AS events,
            count(*) FILTER (WHERE kind = 'run' AND status <> 'aborted')::integer AS runs,
            count(*) FILTER (WHERE status = 'error')::integer AS errors,
            count(DISTINCT student_id)::integer AS active, count(*) FILTER (WHERE kind = 'help')::integer AS help
          FROM happened GROUP BY 1
        ) SELECT ${isoTime("b.start")} AS start, coalesce(c.events, 0) AS events, coalesce(c.runs, 0) AS runs,
          coalesce(c.errors, 0) AS errors, coalesce(c.active, 0) AS active, coalesce(c.help, 0) AS help
        FROM generate_series($3::timestamptz, $4::timestamptz - ${step}, ${step}) b (start)
        LEFT JOIN counted c ON c.start = b.start ORDER BY b.start`,
      parameters: [...seenBy(seen), fromIso, toIso],
    },
  ]);
  return found && { from: fromIso, to: toIso, bucket, buckets: v.parse(buckets, found[0]) };
}
