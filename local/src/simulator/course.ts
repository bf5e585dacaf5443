import * as v from "valibot";

import recorded from "./course/course.json" with { type: "json" };

const versionSchema = v.object({ source: v.string(), sourceHash: v.string() });

const runSchema = v.object({
  ...versionSchema.entries,
  durationMs: v.number(),
  result: v.string(),
  error: v.optional(
    v.object({ name: v.string(), message: v.string(), traceback: v.string(), line: v.number() }),
  ),
});
export type RecordedRun = v.InferOutput<typeof runSchema>;

const placed = { id: v.string(), minutes: v.number() };

const codeCellSchema = v.object({
  ...placed,
  type: v.literal("code"),
  /** How likely a middling student gets it wrong at first. */
  difficulty: v.number(),
  tags: v.array(v.string()),
  right: runSchema,
  mistakes: v.array(runSchema),
  /** A version that never ends. */
  endless: v.optional(versionSchema),
});
export type CodeCell = v.InferOutput<typeof codeCellSchema>;

const textCellSchema = v.object({ ...placed, ...versionSchema.entries, type: v.literal("markdown") });

const courseSchema = v.object({
  notebooks: v.array(
    v.object({
      path: v.string(),
      title: v.string(),
      cells: v.array(v.variant("type", [codeCellSchema, textCellSchema])),
    }),
  ),
});
export type Notebook = v.InferOutput<typeof courseSchema>["notebooks"][number];

/** The course, with what a real kernel answered to every right and wrong version of its cells. */
export const notebooks: readonly Notebook[] = v.parse(courseSchema, recorded).notebooks;
