import * as v from "valibot";
import { classClaimsSchema } from "../claims.ts";

/** Who holds a live connection, from a verified credential. */
export const liveHolderSchema = v.object({
  ...classClaimsSchema.entries,
  role: v.picklist(["instructor", "student"]),
  /** What a student logs in as. */
  user: v.optional(v.string()),
  /** How a student is called. */
  name: v.optional(v.string()),
  team: v.optional(v.string()),
});
export type LiveHolder = v.InferOutput<typeof liveHolderSchema>;
