import { type OverviewResponse, overviewResponseSchema } from "@cell-monitor/protocol";
import * as v from "valibot";
import type { Database } from "../database.ts";
import { isoTime } from "../time.ts";
import { ofClass, type Seen, seenBy, visible } from "./visible.ts";

/**
 * A class in figures, from what has been written down of it: some seconds behind what a live connection shows, which
 * comes from the class's object, and with what that does not know: the roster, earlier days, and what was handed in.
 */
export async function findOverview(db: Database, seen: Seen): Promise<OverviewResponse | undefined> {
  const text = `WITH ${visible}, heard AS (
       SELECT student_id, max(last_event_at) AS at FROM (
         SELECT s.student_id, s.last_event_at FROM sessions s WHERE s.class_id = $1::uuid
         UNION ALL SELECT e.student_id, e.executed_at FROM cell_executions e
           WHERE e.class_id = $1::uuid AND e.session_id IS NULL
         UNION ALL SELECT p.student_id, p.event_time FROM progress_events p
           WHERE p.class_id = $1::uuid AND p.session_id IS NULL
       ) signs WHERE student_id IN (SELECT student_id FROM visible) GROUP BY student_id
     ), runs AS (
       SELECT count(*) FILTER (WHERE status <> 'aborted') AS total, count(*) FILTER (WHERE status = 'error') AS errors,
         count(*) FILTER (WHERE status = 'running') AS running
       FROM cell_executions WHERE class_id = $1::uuid AND student_id IN (SELECT student_id FROM visible)
     ), handed_in AS (
       SELECT count(*) AS total, count(*) FILTER (WHERE status = 'submitted') AS ungraded
       FROM assignment_submissions WHERE class_id = $1::uuid AND student_id IN (SELECT student_id FROM visible)
     ) SELECT json_build_object(
       'class_id', c.id,
       'as_of', ${isoTime("now()")},
       'students', json_build_object(
         'total', (SELECT count(*) FROM visible),
         'rostered', (SELECT count(*) FROM visible WHERE rostered),
         'seen', (SELECT count(*) FROM heard),
         'active', (SELECT count(*) FROM heard WHERE at > now() - c.idle_after_ms * interval '1 millisecond')
       ),
       'runs', (SELECT row_to_json(runs) FROM runs),
       'help', (SELECT count(*) FROM help_requests WHERE class_id = c.id AND is_open
         AND student_id IN (SELECT student_id FROM visible)),
       'notebooks', (SELECT count(*) FROM notebooks WHERE class_id = c.id),
       'assignments', (SELECT count(*) FROM class_assignments WHERE class_id = c.id),
       'submissions', (SELECT row_to_json(handed_in) FROM handed_in),
       'last_activity_at', (SELECT ${isoTime("max(at)")} FROM heard)
     ) AS overview FROM classes c WHERE c.id = $1::uuid`;
  const found = await ofClass(db, seen, [{ text, parameters: seenBy(seen) }]);
  return found && v.parse(v.tuple([v.object({ overview: overviewResponseSchema })]), found[0])[0].overview;
}
