import * as v from "valibot";
import { eventSchema } from "../events/event.ts";
import { limits } from "../limits.ts";
import { repairText } from "../text.ts";
import { pageSchema } from "./page.ts";

/** What a test calls itself: as in an event's `testId`. */
export const testIdSchema = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(limits.idLength),
  v.check((text) => repairText(text) === text, "holds characters that cannot be stored"),
);

/** Which class is meant; may be left out where the credential names just one. */
export const captureQuerySchema = v.object({
  class_id: v.optional(v.pipe(v.string(), v.uuid("must be the id of a class"))),
});

export const captureListQuerySchema = v.object({ ...captureQuerySchema.entries, ...pageSchema.entries });

const moment = v.pipe(v.string(), v.isoTimestamp());

/** An event as it would have been recorded. */
export const capturedEventSchema = v.object({
  student_id: v.string(),
  /** When it happened, by the server's clock. */
  event_time: moment,
  received_at: moment,
  event: eventSchema,
});
export type CapturedEvent = v.InferOutput<typeof capturedEventSchema>;

/** A test, as it stands in a list. */
export const testSummarySchema = v.object({
  test_id: v.string(),
  count: v.pipe(v.number(), v.integer(), v.minValue(0)),
  /** When it is gone, unless more is captured for it. */
  expires_at: moment,
});
export type TestSummary = v.InferOutput<typeof testSummarySchema>;

export const testCaptureSchema = v.object({
  ...testSummarySchema.entries,
  /** In the order in which they arrived. */
  events: v.array(capturedEventSchema),
});
export type TestCaptured = v.InferOutput<typeof testCaptureSchema>;
