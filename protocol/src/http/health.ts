import * as v from "valibot";

export const healthSchema = v.object({ status: v.literal("healthy") });

export const databaseHealthSchema = v.object({
  status: v.literal("healthy"),
  response_time_ms: v.number(),
  details: v.string(),
  /** When the database was asked, which may be some seconds ago. */
  checked_at: v.string(),
});
export type DatabaseHealth = v.InferOutput<typeof databaseHealthSchema>;
