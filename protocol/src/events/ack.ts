import * as v from "valibot";
import { rejectionCodes } from "../errors.ts";

const sequence = v.pipe(v.number(), v.integer());

export const rejectionSchema = v.object({
  /** Place in the batch as it was sent. */
  index: sequence,
  eventId: v.optional(v.string()),
  sessionId: v.optional(v.string()),
  sequence: v.optional(sequence),
  code: v.picklist(rejectionCodes),
  message: v.string(),
});
export type Rejection = v.InferOutput<typeof rejectionSchema>;

/** What the class has of a session: everything up to and including `through` but the numbers in `missing`. */
export const sessionAckSchema = v.object({
  sessionId: v.string(),
  through: sequence,
  /** Inclusive ranges. */
  missing: v.array(v.tuple([sequence, sequence])),
});
export type SessionAck = v.InferOutput<typeof sessionAckSchema>;

export const ackSchema = v.object({
  accepted: sequence,
  duplicates: sequence,
  rejected: v.array(rejectionSchema),
  acks: v.array(sessionAckSchema),
});
export type Ack = v.InferOutput<typeof ackSchema>;

/** The 200 of `POST /events`. */
export const eventsAnswerSchema = v.object({
  ...ackSchema.entries,
  message: v.string(),
  notifications: v.array(v.unknown()),
});
export type EventsAnswer = v.InferOutput<typeof eventsAnswerSchema>;
