import * as v from "valibot";
import { ackSchema } from "../events/ack.ts";
import { errorFrameSchema } from "./frames.ts";

const frameId = v.pipe(v.string(), v.minLength(1), v.maxLength(64));

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
export const studentFrameSchema = v.variant("type", [ackFrameSchema, errorFrameSchema, helpStateFrameSchema]);
export type StudentFrame = v.InferOutput<typeof studentFrameSchema>;

/** What a student sends to a class, but for the events, each of which is looked at by itself. */
export const studentCommandSchema = v.variant("type", [
  /** An envelope of events (`openEnvelope`) with a name of its own. */
  v.looseObject({ type: v.literal("events"), id: frameId }),
  /** A newer token of the same student for the connection that is open. */
  v.object({ type: v.literal("renew"), token: v.pipe(v.string(), v.maxLength(4096)) }),
]);
export type StudentCommand = v.InferOutput<typeof studentCommandSchema>;
