import type { ClassSettings } from "@cell-monitor/durable-objects";
import { captureLevelSchema } from "@cell-monitor/protocol";
import * as v from "valibot";
import type { Env } from "../env.ts";
import { query } from "./database.ts";
import { lessonBreaksSchema, referenceCellSchema } from "./lessons.ts";

const lessonSchema = v.object({
  id: v.string(),
  title: v.string(),
  started_ms: v.number(),
  stopped_ms: v.nullable(v.number()),
  breaks: lessonBreaksSchema,
  notebook: v.nullable(v.string()),
  cells: v.nullable(v.array(referenceCellSchema)),
});

const settingsRowSchema = v.object({
  id: v.string(),
  version: v.number(),
  name: v.string(),
  class_code: v.string(),
  capture_level: captureLevelSchema,
  key_version: v.number(),
  revoked_before: v.record(v.string(), v.number()),
  ends_ms: v.record(v.string(), v.number()),
  sections: v.record(v.string(), v.string()),
  not_sharing: v.array(v.string()),
  erased: v.array(v.string()),
  retention_days: v.number(),
  stuck_after_errors: v.number(),
  idle_after_ms: v.number(),
  lesson: v.nullable(lessonSchema),
});

/** The lesson that goes on, or else the last. */
const lesson = `SELECT json_build_object(
    'id', l.id, 'title', l.title,
    'started_ms', floor(extract(epoch FROM l.started_at) * 1000),
    'stopped_ms', floor(extract(epoch FROM l.stopped_at) * 1000),
    'breaks', l.breaks, 'notebook', l.reference_notebook, 'cells', l.reference_cells
  ) FROM lessons l WHERE l.class_id = c.id AND l.started_at IS NOT NULL
  ORDER BY l.stopped_at IS NULL DESC, l.started_at DESC, l.id LIMIT 1`;

// With their fraction: what was made in the same millisecond as the revocation is told by it.
const revokedBefore = `SELECT coalesce(json_object_agg(r.subject, extract(epoch FROM r.revoked_before) * 1000), '{}'::json)
  FROM revocations r WHERE r.class_id = c.id`;
const endsMs = `SELECT coalesce(json_object_agg(k.id, extract(epoch FROM k.ends_at) * 1000), '{}'::json)
  FROM class_keys k WHERE k.class_id = c.id AND k.ends_at IS NOT NULL AND k.revoked_at IS NULL`;

const sections = `SELECT coalesce(json_object_agg(sc.student_id, sc.section_id), '{}'::json)
  FROM student_classes sc WHERE sc.class_id = c.id AND sc.section_id IS NOT NULL`;

const notSharing = `SELECT coalesce(json_agg(last.student_id), '[]'::json) FROM (
    SELECT DISTINCT ON (co.student_id) co.student_id, co.choice FROM consents co WHERE co.class_id = c.id
    ORDER BY co.student_id, co.at DESC, co.id DESC
  ) last WHERE last.choice = 'refused'`;
const erased = `SELECT coalesce(json_agg(e.student_hash), '[]'::json) FROM erased_students e WHERE e.class_id = c.id`;

/** What the class's object is configured with. A class that is being removed has none. */
export async function classSettings(env: Env, classId: string): Promise<ClassSettings | undefined> {
  const [found] = await query(
    env,
    v.object({ settings: settingsRowSchema }),
    `SELECT json_build_object(
       'id', c.id, 'version', c.version, 'name', c.name, 'class_code', c.class_code,
       'capture_level', c.capture_level, 'key_version', c.key_version, 'retention_days', c.retention_days,
       'revoked_before', (${revokedBefore}), 'ends_ms', (${endsMs}), 'sections', (${sections}),
       'not_sharing', (${notSharing}), 'erased', (${erased}),
       'stuck_after_errors', c.stuck_after_errors, 'idle_after_ms', c.idle_after_ms, 'lesson', (${lesson})
     ) AS settings FROM classes c WHERE c.id = $1 AND c.removing_since IS NULL`,
    [classId],
  );
  return found && settingsOf(found.settings);
}

function settingsOf(row: v.InferOutput<typeof settingsRowSchema>): ClassSettings {
  return {
    classId: row.id,
    version: row.version,
    name: row.name,
    code: row.class_code,
    captureLevel: row.capture_level,
    keyVersion: row.key_version,
    revokedBefore: row.revoked_before,
    endsMs: row.ends_ms,
    sections: row.sections,
    notSharing: row.not_sharing,
    erased: row.erased,
    retentionDays: row.retention_days,
    stuckAfterErrors: row.stuck_after_errors,
    idleAfterMs: row.idle_after_ms,
    ...(row.lesson && { lesson: lessonOf(row.lesson) }),
  };
}

function lessonOf({ id, title, started_ms, stopped_ms, breaks, notebook, cells }: LessonRow) {
  return {
    id,
    title,
    startedMs: started_ms,
    ...(stopped_ms !== null && { stoppedMs: stopped_ms }),
    breaks,
    ...(cells && { reference: { ...(notebook !== null && { notebook }), cells } }),
  };
}

type LessonRow = v.InferOutput<typeof lessonSchema>;
