import { captureLevelSchema, type ClassData, defaultThresholds } from "@cell-monitor/protocol";
import { lessonSchema } from "./lesson.ts";
import * as v from "valibot";

/** What Postgres owns of a class and the class object keeps a copy of. */
export const classSettingsSchema = v.object({
  classId: v.string(),
  /** Of the row in Postgres: an older one never overwrites a newer one. */
  version: v.number(),
  name: v.string(),
  code: v.string(),
  captureLevel: captureLevelSchema,
  keyVersion: v.number(),
  /** By subject, a class key among them: what was made of it earlier is void. Unix ms */
  revokedBefore: v.optional(v.record(v.string(), v.number()), {}),
  /** By class key that another takes the place of: when it ends. What it minted lives on. Unix ms */
  endsMs: v.optional(v.record(v.string(), v.number()), {}),
  /** By student who is in one. */
  sections: v.optional(v.record(v.string(), v.string()), {}),
  /** Students of whom only that they are there and ask for help is taken. */
  notSharing: v.optional(v.array(v.string())),
  /** Students of whom nothing is taken any more, as `erasedStudentHash` has them. */
  erased: v.optional(v.array(v.string())),
  retentionDays: v.number(),
  stuckAfterErrors: v.optional(v.number(), defaultThresholds.stuckAfterErrors),
  idleAfterMs: v.optional(v.number(), defaultThresholds.idleAfterMs),
  /** The one that goes on, or the last; without one, what the class does is counted by the day. */
  lesson: v.optional(lessonSchema),
});
export type ClassSettings = v.InferOutput<typeof classSettingsSchema>;

/** Students who are in another section than before, or in one or none for the first time. */
export function movedStudents(
  before: ClassSettings["sections"],
  after: ClassSettings["sections"],
): readonly string[] {
  const ids = new Set([...Object.keys(before), ...Object.keys(after)]);
  return Array.from(ids).filter((id) => before[id] !== after[id]);
}

export function classDataOf(settings: ClassSettings): ClassData {
  const { name, code, captureLevel, stuckAfterErrors, idleAfterMs, notSharing = [] } = settings;
  const known = { name, code, captureLevel, stuckAfterErrors, idleAfterMs };
  return notSharing.length === 0 ? known : { ...known, notSharing: [...notSharing] };
}
