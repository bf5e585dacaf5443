import * as v from "valibot";
import { flagSchema, pageSchema } from "./page.ts";
import { emailSchema, identifierSchema, nameSchema } from "./texts.ts";

const uuid = v.pipe(v.string(), v.uuid("must be a UUID"));

export const studentCreateSchema = v.strictObject({
  /** What the Hub or the identity provider knows them by. */
  user_id: identifierSchema,
  name: v.optional(nameSchema),
  email: v.optional(v.nullable(emailSchema)),
});

export const studentUpdateSchema = v.strictObject({
  name: v.optional(nameSchema),
  email: v.optional(v.nullable(emailSchema)),
});

export const studentListQuerySchema = v.object({
  ...pageSchema.entries,
  user_id: v.optional(identifierSchema),
  /** Whether people wrote down who they are, as opposed to that events told. */
  rostered: v.optional(flagSchema),
});

export const studentResponseSchema = v.object({
  id: v.string(),
  /** Null where only events have told of them. */
  user_id: v.nullable(v.string()),
  name: v.string(),
  email: v.nullable(v.string()),
  rostered: v.boolean(),
  version: v.number(),
  created_at: v.string(),
  updated_at: v.string(),
});
export type StudentResponse = v.InferOutput<typeof studentResponseSchema>;

/** What a student is in a class. */
export const enrolmentRoleSchema = v.picklist(["student", "ta", "guest"], "must be student, ta or guest");

const place = {
  team_id: v.optional(v.nullable(uuid)),
  section_id: v.optional(v.nullable(uuid)),
  role: v.optional(enrolmentRoleSchema),
};

export const enrolmentCreateSchema = v.strictObject({ ...studentCreateSchema.entries, ...place });
export const enrolmentUpdateSchema = v.strictObject(place);

export const enrolmentListQuerySchema = v.object({
  ...pageSchema.entries,
  team_id: v.optional(uuid),
  section_id: v.optional(uuid),
  role: v.optional(enrolmentRoleSchema),
  rostered: v.optional(flagSchema),
});

export const enrolmentResponseSchema = v.object({
  student_id: v.string(),
  class_id: v.string(),
  user_id: v.nullable(v.string()),
  name: v.string(),
  email: v.nullable(v.string()),
  team_id: v.nullable(v.string()),
  team: v.nullable(v.string()),
  section_id: v.nullable(v.string()),
  section: v.nullable(v.string()),
  role: enrolmentRoleSchema,
  /** On the class's roster, as opposed to having turned up. */
  rostered: v.boolean(),
  version: v.number(),
  joined_at: v.string(),
});
export type EnrolmentResponse = v.InferOutput<typeof enrolmentResponseSchema>;
