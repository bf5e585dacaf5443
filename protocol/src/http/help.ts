import * as v from "valibot";
import { limits } from "../limits.ts";
import { noticeTextSchema } from "../live/notifications.ts";

const boundedId = v.pipe(v.string(), v.minLength(1), v.maxLength(limits.idLength));

export const helpRequestSchema = v.object({
  help_id: v.string(),
  student_id: v.string(),
  student_name: v.string(),
  requested_at: v.string(),
  note: v.nullable(v.string()),
  notebook: v.nullable(v.string()),
  cell_id: v.nullable(v.string()),
  cell_index: v.nullable(v.number()),
  /** Who is on the way. */
  claimed_by: v.nullable(v.object({ id: v.string(), name: v.nullable(v.string()) })),
});
export type HelpRequest = v.InferOutput<typeof helpRequestSchema>;
export const helpRequestListSchema = v.array(helpRequestSchema);

/** Whose request it is: needed only where several students' clients gave theirs the same id. */
const studentId = v.optional(boundedId);
export const helpChangeSchema = v.strictObject({ student_id: studentId });
export const helpResolutionSchema = v.strictObject({
  student_id: studentId,
  /** For the record; the student isn't shown it. */
  note: v.optional(noticeTextSchema),
});

export const messageRequestSchema = v.strictObject({ student_id: boundedId, text: noticeTextSchema });
export const announcementRequestSchema = v.strictObject({ text: noticeTextSchema });
