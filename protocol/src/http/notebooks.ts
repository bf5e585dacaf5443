import * as v from "valibot";
import { limits } from "../limits.ts";
import { repairText } from "../text.ts";
import { pageSchema } from "./page.ts";
import { nameSchema } from "./texts.ts";

const uuid = v.pipe(v.string(), v.uuid("must be a UUID"));

/** As events name it: where it lies in the student's files. */
const notebookPath = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(limits.pathLength),
  v.check((path) => repairText(path) === path, "holds characters that cannot be stored"),
);
const kernelName = v.optional(v.nullable(nameSchema));

export const notebookCreateSchema = v.strictObject({
  class_id: uuid,
  path: notebookPath,
  name: v.optional(nameSchema),
  kernel_name: kernelName,
});
export const notebookUpdateSchema = v.strictObject({ name: v.optional(nameSchema), kernel_name: kernelName });
export const notebookListQuerySchema = v.object({ ...pageSchema.entries, class_id: v.optional(uuid) });

export const notebookResponseSchema = v.object({
  id: v.string(),
  class_id: v.string(),
  /** Null where events name the notebook by an id of their own. */
  path: v.nullable(v.string()),
  name: v.string(),
  kernel_name: v.nullable(v.string()),
  last_modified: v.nullable(v.string()),
  version: v.number(),
  created_at: v.string(),
  updated_at: v.string(),
});
export type NotebookResponse = v.InferOutput<typeof notebookResponseSchema>;
