import * as v from "valibot";
import { cellRoleSchema } from "../live/entities.ts";
import { pageSchema } from "./page.ts";
import { descriptionSchema, nameSchema } from "./texts.ts";
import { momentSchema } from "./times.ts";

const uuid = v.pipe(v.string(), v.uuid("must be a UUID"));

const plan = {
  description: v.optional(v.nullable(descriptionSchema)),
  planned_start: v.optional(v.nullable(momentSchema)),
  planned_end: v.optional(v.nullable(momentSchema)),
};

export const lessonCreateSchema = v.strictObject({ class_id: uuid, title: nameSchema, ...plan });
export const lessonUpdateSchema = v.strictObject({ title: v.optional(nameSchema), ...plan });
export const lessonListQuerySchema = v.object({ ...pageSchema.entries, class_id: v.optional(uuid) });

export const lessonResponseSchema = v.object({
  id: v.string(),
  class_id: v.string(),
  title: v.string(),
  description: v.nullable(v.string()),
  state: v.picklist(["planned", "going_on", "break", "over"]),
  planned_start: v.nullable(v.string()),
  planned_end: v.nullable(v.string()),
  started_at: v.nullable(v.string()),
  stopped_at: v.nullable(v.string()),
  /** One that still goes on has no end. */
  breaks: v.array(v.object({ started_at: v.string(), ended_at: v.nullable(v.string()) })),
  reference_notebook: v.nullable(v.string()),
  /** Cells of code in the reference notebook; null without one. */
  reference_size: v.nullable(v.number()),
  version: v.number(),
  created_at: v.string(),
  updated_at: v.string(),
});
export type LessonResponse = v.InferOutput<typeof lessonResponseSchema>;

export const referenceQuerySchema = v.object({
  /** File name of the notebook: by it, cells of other notebooks are told from its own. */
  notebook: v.optional(v.pipe(nameSchema, v.regex(/^[^/\\]+$/, "must be a file name without its folder"))),
});

export const referenceResponseSchema = v.object({
  lesson_id: v.string(),
  notebook: v.nullable(v.string()),
  cells: v.array(
    v.object({
      index: v.number(),
      cell_id: v.nullable(v.string()),
      grade_id: v.nullable(v.string()),
      source_hash: v.nullable(v.string()),
      role: cellRoleSchema,
    }),
  ),
  /** Cells of code beyond those that a lesson can refer to. */
  left_out: v.number(),
});
export type ReferenceResponse = v.InferOutput<typeof referenceResponseSchema>;
