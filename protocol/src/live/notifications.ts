import * as v from "valibot";
import { limits } from "../limits.ts";

/** What an instructor writes to students; trimmed, because blanks alone say nothing. */
export const noticeTextSchema = v.pipe(
  v.string(),
  v.trim(),
  v.minLength(1),
  v.maxLength(limits.noticeLength),
);

const id = v.pipe(v.string(), v.minLength(1), v.maxLength(limits.idLength));

/** What a class is to tell one student. */
export const studentNotificationSchema = v.variant("type", [
  v.object({
    type: v.literal("assignment_graded"),
    assignmentId: id,
    submissionId: id,
    grade: v.number(),
    title: v.optional(v.string()),
  }),
  /** A reply, or a word of an instructor's own accord. */
  v.object({ type: v.literal("message"), text: v.string(), from: v.optional(v.string()) }),
]);
export type StudentNotification = v.InferOutput<typeof studentNotificationSchema>;

/** Told once: to the connections that are open, or to the next that opens or the next batch that comes by HTTP. */
const told = {
  /** Told apart from others by this; who reads two connections may be told on both. */
  id: v.string(),
  /** By the server's clock, Unix ms. */
  at: v.number(),
};

const [gradedSchema, messageSchema] = studentNotificationSchema.options;

export const gradedFrameSchema = v.object({ ...gradedSchema.entries, ...told, channel: v.string() });
export const messageFrameSchema = v.object({ ...messageSchema.entries, ...told, channel: v.string() });

/** What is told to all students of a class. */
export const systemMessageFrameSchema = v.object({
  type: v.literal("system_message"),
  ...told,
  channel: v.literal("broadcast"),
  text: v.string(),
  from: v.optional(v.string()),
});
export type SystemMessageFrame = v.InferOutput<typeof systemMessageFrameSchema>;

export const noticeFrameSchema = v.variant("type", [
  gradedFrameSchema,
  messageFrameSchema,
  systemMessageFrameSchema,
]);
export type NoticeFrame = v.InferOutput<typeof noticeFrameSchema>;

/** The channel of what concerns one student alone. */
export function notificationChannel(studentId: string): string {
  return `notifications:${studentId}`;
}
