import * as v from "valibot";
import { limits } from "../limits.ts";
import { noticeTextSchema } from "./notifications.ts";

const boundedId = v.pipe(v.string(), v.minLength(1), v.maxLength(limits.idLength));
const help = {
  helpId: boundedId,
  /** Whose request it is. Needed only where several students' clients gave theirs the same id. */
  studentId: v.optional(boundedId),
};

/** What those who teach do to a class. */
export const classActionSchema = v.variant("type", [
  /** Say that one goes to a student who waits for help. */
  v.object({ type: v.literal("help_claim"), ...help }),
  /** Give such a claim up, one's own or another's. */
  v.object({ type: v.literal("help_release"), ...help }),
  /** End a student's request. */
  v.object({ type: v.literal("help_resolve"), ...help, note: v.optional(noticeTextSchema) }),
  v.object({ type: v.literal("message"), studentId: boundedId, text: noticeTextSchema }),
  v.object({ type: v.literal("announce"), text: noticeTextSchema }),
]);
export type ClassAction = v.InferOutput<typeof classActionSchema>;

/** What an action came to. */
export const actionAnswerSchema = v.object({
  /** Of students: how many have been told at once. Who was not is told on coming back. */
  reached: v.number(),
});
export type ActionAnswer = v.InferOutput<typeof actionAnswerSchema>;

const frameId = v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(64)));
const [claim, release, resolve, message, announce] = classActionSchema.options;

/** The same on a live connection; its `id` comes back with the answer. */
export const classActionCommandSchemas = [
  v.object({ ...claim.entries, id: frameId }),
  v.object({ ...release.entries, id: frameId }),
  v.object({ ...resolve.entries, id: frameId }),
  v.object({ ...message.entries, id: frameId }),
  v.object({ ...announce.entries, id: frameId }),
] as const;

/** A command was done, and is on disk. */
export const doneFrameSchema = v.object({
  type: v.literal("done"),
  id: frameId,
  ...actionAnswerSchema.entries,
});
export type DoneFrame = v.InferOutput<typeof doneFrameSchema>;
