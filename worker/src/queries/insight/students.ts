import { classStudentSchema, type Page } from "@cell-monitor/protocol";
import * as v from "valibot";
import type { Database } from "../database.ts";
import { mixedOrder } from "../mixed-order.ts";
import { isoTime } from "../time.ts";
import { ofClass, type Seen, seenBy, visible } from "./visible.ts";

interface StudentFilters {
  readonly team_id: string | undefined;
  readonly section_id: string | undefined;
  /** A secret to order pseudonyms by: by name, or by id, their order would tell who is who. By name, if undefined. */
  readonly mixedBy: string | undefined;
}

const from = `FROM visible sc JOIN students st ON st.id = sc.student_id
  LEFT JOIN teams t ON t.class_id = sc.class_id AND t.id = sc.team_id
  WHERE ($3::uuid IS NULL OR sc.team_id = $3) AND ($4::uuid IS NULL OR sc.section_id = $4)`;
const ofStudent = "x.student_id = p.student_id AND x.class_id = $1::uuid";

/** A class's students with what they did so far. Counted for those of the page alone. */
export async function listClassStudents(
  db: Database,
  seen: Seen,
  { skip, limit }: Page,
  { team_id, section_id, mixedBy }: StudentFilters,
) {
  const parameters = [...seenBy(seen), team_id ?? null, section_id ?? null];
  const orderOf = (row: string) =>
    mixedBy === undefined ? `name, ${row}.student_id` : mixedOrder(`${row}.student_id`, "$5");
  const found = await ofClass(db, seen, [
    {
      text: `WITH ${visible}, page AS (
          SELECT sc.student_id, coalesce(nullif(st.name, ''), st.subject, '') AS name, t.name AS team, sc.section_id,
            sc.rostered ${from}
          ORDER BY ${orderOf("sc")} OFFSET ${skip} LIMIT ${limit}
        ) SELECT p.*, ${isoTime("greatest(s.at, r.at, a.at, e.at, h.at)")} AS last_activity_at,
          s.count AS sessions, r.count AS runs, r.errors, r.cells_done, h.count AS help_requests,
          (SELECT count(*)::integer FROM assignment_submissions x WHERE ${ofStudent}) AS submissions
        FROM page p,
          LATERAL (SELECT count(*)::integer AS count, max(last_event_at) AS at FROM sessions x WHERE ${ofStudent}) s,
          LATERAL (
            SELECT count(*) FILTER (WHERE status <> 'aborted')::integer AS count, max(executed_at) AS at,
              count(*) FILTER (WHERE status = 'error')::integer AS errors,
              count(DISTINCT cell_id) FILTER (WHERE status = 'ok')::integer AS cells_done
            FROM cell_executions x WHERE ${ofStudent}
          ) r,
          LATERAL (SELECT max(accessed_at) AS at FROM notebook_accesses x WHERE ${ofStudent}) a,
          LATERAL (SELECT max(event_time) AS at FROM progress_events x WHERE ${ofStudent}) e,
          LATERAL (
            SELECT count(*)::integer AS count, max(requested_at) AS at FROM help_requests x WHERE ${ofStudent}
          ) h
        ORDER BY ${orderOf("p")}`,
      parameters: mixedBy === undefined ? parameters : [...parameters, mixedBy],
    },
    { text: `WITH ${visible} SELECT count(*)::integer AS total ${from}`, parameters },
  ]);
  if (!found) return undefined;
  const [rows, counted] = found;
  const [{ total }] = v.parse(v.tuple([v.object({ total: v.number() })]), counted);
  return { rows: v.parse(v.array(classStudentSchema), rows), total };
}

/** Ids of the students that may be seen. @returns undefined where there is no such class */
export async function visibleIds(db: Database, seen: Seen): Promise<string[] | undefined> {
  const text = `WITH ${visible} SELECT student_id FROM visible`;
  const found = await ofClass(db, seen, [{ text, parameters: seenBy(seen) }]);
  return (
    found && v.parse(v.array(v.object({ student_id: v.string() })), found[0]).map((row) => row.student_id)
  );
}
