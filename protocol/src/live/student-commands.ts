import * as v from "valibot";

const frameId = v.pipe(v.string(), v.minLength(1), v.maxLength(64));

/** What a student sends to a class, but for the events, each of which is looked at by itself. */
export const studentCommandSchema = v.variant("type", [
  /** An envelope of events (`openEnvelope`) with a name of its own. */
  v.looseObject({ type: v.literal("events"), id: frameId }),
  /** A newer token of the same student for the connection that is open. */
  v.object({ type: v.literal("renew"), token: v.pipe(v.string(), v.maxLength(4096)) }),
]);
export type StudentCommand = v.InferOutput<typeof studentCommandSchema>;
