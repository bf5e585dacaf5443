import * as v from "valibot";
import { pageSchema } from "./page.ts";
import { descriptionSchema, nameSchema } from "./texts.ts";
import { momentSchema } from "./times.ts";

const uuid = v.pipe(v.string(), v.uuid("must be a UUID"));
const points = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(1_000_000));

const given = {
  description: v.optional(v.nullable(descriptionSchema)),
  due_date: v.optional(v.nullable(momentSchema)),
  points: v.optional(v.nullable(points)),
};

export const assignmentCreateSchema = v.strictObject({
  class_id: uuid,
  notebook_id: uuid,
  title: nameSchema,
  ...given,
});
export const assignmentUpdateSchema = v.strictObject({
  notebook_id: v.optional(uuid),
  title: v.optional(nameSchema),
  ...given,
});
export const assignmentListQuerySchema = v.object({ ...pageSchema.entries, class_id: v.optional(uuid) });

export const assignmentResponseSchema = v.object({
  id: v.string(),
  class_id: v.string(),
  notebook_id: v.string(),
  title: v.string(),
  description: v.nullable(v.string()),
  due_date: v.nullable(v.string()),
  points: v.nullable(v.number()),
  version: v.number(),
  created_at: v.string(),
  updated_at: v.string(),
});
export type AssignmentResponse = v.InferOutput<typeof assignmentResponseSchema>;
