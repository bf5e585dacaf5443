import * as v from "valibot";
import { captureLevelSchema } from "../events/levels.ts";

const choiceSchema = v.picklist(["accepted", "refused"]);

/** What a student is asked to agree to, and what they chose last. */
export const consentResponseSchema = v.object({
  class_id: v.string(),
  /** Of the text as it is now; a choice is made of one version. */
  version: v.number(),
  text: v.string(),
  capture_level: captureLevelSchema,
  retention_days: v.number(),
  choice: v.nullable(choiceSchema),
  /** Of the text that the choice was made of: with another than `version`, it is to be asked for again. */
  chosen_version: v.nullable(v.number()),
  chosen_at: v.nullable(v.string()),
});

export const consentChoiceSchema = v.strictObject({
  version: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000_000)),
  choice: choiceSchema,
});

/** A choice that a student made. */
export const consentRecordSchema = v.object({
  id: v.string(),
  student_id: v.string(),
  version: v.number(),
  choice: choiceSchema,
  at: v.string(),
});
