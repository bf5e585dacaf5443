import * as v from "valibot";
import { pageSchema } from "./page.ts";
import { descriptionSchema, nameSchema } from "./texts.ts";

const uuid = v.pipe(v.string(), v.uuid("must be a UUID"));
const description = v.optional(v.nullable(descriptionSchema));

/** A team, who work together, or a section, who are taught together. */
export const groupCreateSchema = v.strictObject({ class_id: uuid, name: nameSchema, description });
export const groupUpdateSchema = v.strictObject({ name: v.optional(nameSchema), description });

export const groupListQuerySchema = v.object({ ...pageSchema.entries, class_id: v.optional(uuid) });

export const groupResponseSchema = v.object({
  id: v.string(),
  class_id: v.string(),
  name: v.string(),
  description: v.nullable(v.string()),
  version: v.number(),
  created_at: v.string(),
  updated_at: v.string(),
});
export type GroupResponse = v.InferOutput<typeof groupResponseSchema>;
