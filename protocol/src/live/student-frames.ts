import * as v from "valibot";
import { ackSchema } from "../events/ack.ts";
import { noticeFrameSchema } from "./notifications.ts";
import { errorFrameSchema } from "./wire.ts";

/** Where a student's request for help stands. */
export const helpStateFrameSchema = v.object({
  type: v.literal("help_state"),
  helpId: v.string(),
  state: v.picklist(["waiting", "claimed", "closed"]),
  claimedBy: v.optional(v.string()),
  /** Among those who wait, from 1. */
  position: v.optional(v.number()),
});
export type HelpStateFrame = v.InferOutput<typeof helpStateFrameSchema>;

/** What came of the `events` frames named in `ids`; held back until all that it accepts is on disk. */
export const ackFrameSchema = v.object({
  type: v.literal("ack"),
  /** Several only where none of their events was rejected: an index in `rejected` is of the one frame. */
  ids: v.array(v.string()),
  ...ackSchema.entries,
});
export type AckFrame = v.InferOutput<typeof ackFrameSchema>;

/** What a class sends to a student. */
export const studentFrameSchema = v.variant("type", [
  ackFrameSchema,
  errorFrameSchema,
  helpStateFrameSchema,
  noticeFrameSchema,
]);

/** What a student is told beyond what came of what they sent; over HTTP it rides along with an answer. */
export const notificationFrameSchema = v.variant("type", [helpStateFrameSchema, noticeFrameSchema]);
export type NotificationFrame = v.InferOutput<typeof notificationFrameSchema>;
export type StudentFrame = v.InferOutput<typeof studentFrameSchema>;
