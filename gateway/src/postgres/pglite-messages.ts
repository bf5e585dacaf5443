import * as v from "valibot";

/** Without a folder the database is in memory. */
export const WorkerData = v.object({ folder: v.optional(v.string()) });
export type WorkerData = { readonly folder: string | undefined };

/** `bytes` are whole messages of PostgreSQL's wire protocol. */
export const WorkerRequest = v.variant("kind", [
  v.object({ kind: v.literal("bytes"), id: v.number(), bytes: v.instance(Uint8Array) }),
  v.object({ kind: v.literal("close") }),
]);
export type WorkerRequest = v.InferOutput<typeof WorkerRequest>;

export const WorkerReply = v.variant("kind", [
  v.object({ kind: v.literal("ready") }),
  v.object({ kind: v.literal("bytes"), id: v.number(), bytes: v.instance(Uint8Array) }),
]);
export type WorkerReply = v.InferOutput<typeof WorkerReply>;
