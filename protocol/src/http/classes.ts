import * as v from "valibot";
import { captureLevelSchema } from "../events/levels.ts";
import { identifierSchema, nameSchema, storableText } from "./texts.ts";

const uuid = v.pipe(v.string(), v.uuid("must be a UUID"));
const classCode = v.pipe(
  v.string(),
  v.trim(),
  v.regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u, "must be letters, digits, . _ or -"),
);

export const classCreateSchema = v.object({
  name: nameSchema,
  class_code: classCode,
  description: v.optional(v.pipe(storableText, v.maxLength(4096))),
  capture_level: v.optional(captureLevelSchema),
});

export const classResponseSchema = v.object({
  id: v.string(),
  name: v.string(),
  class_code: v.string(),
  description: v.nullable(v.string()),
  capture_level: captureLevelSchema,
  join_code: v.nullable(v.string()),
  created_at: v.string(),
  updated_at: v.string(),
});
export type ClassResponse = v.InferOutput<typeof classResponseSchema>;

export const keyScopes = ["mint", "ingest"] as const;

export const instructorCreateSchema = v.object({
  email: v.pipe(v.string(), v.trim(), v.toLowerCase(), v.email(), v.maxLength(256)),
  name: nameSchema,
});
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
