import * as v from "valibot";
import { captureLevelSchema } from "../events/levels.ts";
import { flagSchema, pageSchema } from "./page.ts";
import { descriptionSchema, identifierSchema, nameSchema, storableText } from "./texts.ts";
import { dateSchema } from "./times.ts";

const uuid = v.pipe(v.string(), v.uuid("must be a UUID"));
const classCode = v.pipe(
  v.string(),
  v.trim(),
  v.regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u, "must be letters, digits, . _ or -"),
);

const days = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(3_650));

/** What may be said of a class; each may be left out. */
const classSettings = {
  description: v.optional(v.nullable(descriptionSchema)),
  capture_level: v.optional(captureLevelSchema),
  retention_days: v.optional(days),
  /** What students are asked to agree to; another text asks them again. */
  consent_text: v.optional(v.pipe(storableText, v.maxLength(20_000))),
  /** Whether the join code lets anybody in. */
  join_open: v.optional(v.boolean()),
  start_date: v.optional(v.nullable(dateSchema)),
  end_date: v.optional(v.nullable(dateSchema)),
  /** Globs of the paths whose notebooks belong to the class. */
  notebooks: v.optional(
    v.pipe(v.array(v.pipe(storableText, v.trim(), v.minLength(1), v.maxLength(256))), v.maxLength(64)),
  ),
  stuck_after_errors: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100))),
  idle_after_ms: v.optional(v.pipe(v.number(), v.integer(), v.minValue(10_000), v.maxValue(86_400_000))),
};

export const classCreateSchema = v.strictObject({
  name: nameSchema,
  class_code: classCode,
  ...classSettings,
});

export const classUpdateSchema = v.strictObject({
  name: v.optional(nameSchema),
  class_code: v.optional(classCode),
  /** False: the class is over. It stays to be looked at, and lets nobody in. */
  is_active: v.optional(v.boolean()),
  ...classSettings,
});

export const classListQuerySchema = v.object({
  ...pageSchema.entries,
  is_active: v.optional(flagSchema),
  class_code: v.optional(v.pipe(v.string(), v.trim())),
});

export const classResponseSchema = v.object({
  id: v.string(),
  name: v.string(),
  class_code: v.string(),
  description: v.nullable(v.string()),
  is_active: v.boolean(),
  capture_level: captureLevelSchema,
  retention_days: v.number(),
  consent_text: v.string(),
  consent_version: v.number(),
  /** Null for who is not to hand it on. */
  join_code: v.nullable(v.string()),
  join_open: v.boolean(),
  start_date: v.nullable(v.string()),
  end_date: v.nullable(v.string()),
  notebooks: v.array(v.string()),
  stuck_after_errors: v.number(),
  idle_after_ms: v.number(),
  version: v.number(),
  created_at: v.string(),
  updated_at: v.string(),
});
export type ClassResponse = v.InferOutput<typeof classResponseSchema>;

export const keyScopes = ["mint", "ingest"] as const;

export const instructorResponseSchema = v.object({ id: v.string(), email: v.string(), name: v.string() });

export const loginLinkCreateSchema = v.object({ instructor_id: uuid });
export const loginLinkResponseSchema = v.object({ id: v.string(), url: v.string(), expires_at: v.string() });

export const instructorTokenCreateSchema = v.object({ instructor_id: uuid });

export const studentTokenCreateSchema = v.object({
  user_id: identifierSchema,
  user_name: v.optional(nameSchema),
});
export const studentTokenSchema = v.object({
  token: v.string(),
  expiresAt: v.string(),
  studentId: v.string(),
});
