import * as v from "valibot";

import { PgliteModules } from "./pglite-modules.ts";

export const WorkerData = v.object({
  /** Without a folder the database is in memory. */
  folder: v.union([v.string(), v.undefined()]),
  modules: PgliteModules,
});
export type WorkerData = v.InferOutput<typeof WorkerData>;

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
