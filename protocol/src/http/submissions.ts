import * as v from "valibot";
import { nbformatSchema } from "./nbformat.ts";
import { pageSchema } from "./page.ts";
import { storableText } from "./texts.ts";

const uuid = v.pipe(v.string(), v.uuid("must be a UUID"));

/** When it came is not the body's to say. */
export const submissionCreateSchema = v.strictObject({
  assignment_id: uuid,
  /** May be named, and can be none but who hands it in. */
  student_id: v.optional(uuid),
  notebook_content: nbformatSchema,
});

export const submissionStatuses = ["submitted", "graded", "returned"] as const;
const status = v.picklist(submissionStatuses);

export const submissionUpdateSchema = v.strictObject({
  grade: v.optional(v.nullable(v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(1_000_000)))),
  feedback: v.optional(v.nullable(v.pipe(storableText, v.maxLength(16_384)))),
  /** `graded` where a grade is given and nothing is said. */
  status: v.optional(status),
});

export const submissionListQuerySchema = v.object({
  ...pageSchema.entries,
  class_id: v.optional(uuid),
  assignment_id: v.optional(uuid),
  student_id: v.optional(uuid),
  status: v.optional(status),
});

const fields = {
  id: v.string(),
  class_id: v.string(),
  assignment_id: v.string(),
  student_id: v.string(),
  /** Counts the student's submissions to the assignment, from 1. */
  attempt: v.number(),
  submitted_at: v.string(),
  is_late: v.boolean(),
  status,
  grade: v.nullable(v.number()),
  feedback: v.nullable(v.string()),
  graded_at: v.nullable(v.string()),
  version: v.number(),
  created_at: v.string(),
  updated_at: v.string(),
};

/** A submission without its notebook, as lists and changes show it. */
export const submissionSummarySchema = v.object(fields);
export type SubmissionSummary = v.InferOutput<typeof submissionSummarySchema>;

export const submissionResponseSchema = v.object({ ...fields, notebook_content: v.unknown() });
