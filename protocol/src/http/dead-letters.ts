import * as v from "valibot";
import { eventSchema } from "../events/event.ts";
import { limits } from "../limits.ts";
import { pageSchema } from "./page.ts";

/** The stores that a class's log is drained to. */
export const sinkNames = ["postgres", "influx"] as const;
export type SinkName = (typeof sinkNames)[number];

const sinkName = v.picklist(sinkNames);
const letterId = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(Number.MAX_SAFE_INTEGER));

export const deadLetterQuerySchema = v.object({ sink: v.optional(sinkName), ...pageSchema.entries });

/** An event that a store refused for good, as the list shows it. */
const deadLetterResponseSchema = v.object({
  id: letterId,
  sink: sinkName,
  /** The event's place in the class's log. */
  version: v.number(),
  reason: v.string(),
  /** When the store refused it last. */
  at: v.string(),
  event_id: v.string(),
  event_type: v.string(),
  student_id: v.string(),
  /** All that was sent; for admins only. */
  event: v.optional(eventSchema),
});
export const deadLetterListSchema = v.array(deadLetterResponseSchema);
export type DeadLetterList = v.InferOutput<typeof deadLetterListSchema>;

export const replayRequestSchema = v.strictObject({
  sink: v.optional(sinkName),
  ids: v.optional(v.pipe(v.array(letterId), v.minLength(1), v.maxLength(limits.replayLetters))),
});
export type ReplayRequest = v.InferOutput<typeof replayRequestSchema>;

export const replayResponseSchema = v.object({
  /** How many letters their stores have taken now. */
  replayed: v.number(),
  /** Those that stay, each with why. */
  kept: v.array(v.object({ id: letterId, reason: v.string() })),
});
export type ReplayResponse = v.InferOutput<typeof replayResponseSchema>;
