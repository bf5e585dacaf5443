import * as v from "valibot";
import { entitySchema } from "./entities.ts";
import { classActionCommandSchemas, doneFrameSchema } from "./instructor-commands.ts";
import { errorFrameSchema } from "./wire.ts";

const version = v.pipe(v.number(), v.integer(), v.minValue(0));
const epoch = v.pipe(v.string(), v.maxLength(64));

/** Everything a dashboard shows, as of version `to`. */
export const snapshotFrameSchema = v.object({
  type: v.literal("snapshot"),
  epoch,
  to: version,
  /** The server's clock, Unix ms: what idleness is reckoned by. */
  at: v.number(),
  entities: v.array(entitySchema),
});

/** What changed after version `from`, up to and including `to`. Applied twice it changes nothing. */
export const patchFrameSchema = v.object({
  type: v.literal("patch"),
  epoch,
  from: version,
  to: version,
  at: v.number(),
  entities: v.array(entitySchema),
});

/** What a class sends to an instructor. */
export const instructorFrameSchema = v.variant("type", [
  snapshotFrameSchema,
  patchFrameSchema,
  errorFrameSchema,
  doneFrameSchema,
]);
export type InstructorFrame = v.InferOutput<typeof instructorFrameSchema>;
export type SnapshotFrame = v.InferOutput<typeof snapshotFrameSchema>;
export type PatchFrame = v.InferOutput<typeof patchFrameSchema>;

/** What an instructor sends to a class. */
export const instructorCommandSchema = v.variant("type", [
  /** Continue behind version `to` of `epoch`; another epoch brings a snapshot. */
  v.object({ type: v.literal("resume"), epoch, to: version }),
  /** Shown up to version `to`. */
  v.object({ type: v.literal("seen"), epoch, to: version }),
  /** Recent runs of these students from now on, and of no others. */
  v.object({
    type: v.literal("subscribe"),
    students: v.pipe(v.array(v.pipe(v.string(), v.maxLength(64))), v.maxLength(8)),
  }),
  ...classActionCommandSchemas,
]);
export type InstructorCommand = v.InferOutput<typeof instructorCommandSchema>;
