import * as v from "valibot";

export const healthSchema = v.object({ status: v.literal("healthy") });

/** Of one class as well, where it is named. */
export const metricsQuerySchema = v.object({
  class_id: v.optional(v.pipe(v.string(), v.uuid("must be a UUID"))),
});

export const databaseHealthSchema = v.object({
  status: v.literal("healthy"),
  response_time_ms: v.number(),
  details: v.string(),
  /** When the database was asked, which may be some seconds ago. */
  checked_at: v.string(),
});
export type DatabaseHealth = v.InferOutput<typeof databaseHealthSchema>;
