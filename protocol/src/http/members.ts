import * as v from "valibot";
import { memberRoleSchema } from "./auth.ts";
import { emailSchema, nameSchema } from "./texts.ts";
import { pageSchema } from "./page.ts";

const uuid = v.pipe(v.string(), v.uuid("must be a UUID"));

/** The sections that a teaching assistant is confined to; null for the whole class. */
const sectionIds = v.nullable(v.pipe(v.array(uuid), v.maxLength(200)));

/** Somebody who teaches a class, helps to, or researches it. */
export const memberCreateSchema = v.strictObject({
  email: emailSchema,
  /** Taken where nobody is known by the address yet. */
  name: nameSchema,
  role: v.optional(memberRoleSchema, "instructor"),
  section_ids: v.optional(sectionIds),
});

export const memberUpdateSchema = v.strictObject({
  role: v.optional(memberRoleSchema),
  section_ids: v.optional(sectionIds),
});

export const memberListQuerySchema = v.object({
  ...pageSchema.entries,
  role: v.optional(memberRoleSchema),
});

export const memberResponseSchema = v.object({
  id: v.string(),
  email: v.string(),
  name: v.string(),
  role: memberRoleSchema,
  section_ids: v.nullable(v.array(v.string())),
  version: v.number(),
  joined_at: v.string(),
});
export type MemberResponse = v.InferOutput<typeof memberResponseSchema>;

const personRole = v.picklist(["instructor", "admin", "researcher"]);

/** Somebody who may log in, in whatever classes. */
export const personCreateSchema = v.strictObject({
  email: emailSchema,
  name: nameSchema,
  role: v.optional(personRole),
});
export const personUpdateSchema = v.strictObject({
  email: v.optional(emailSchema),
  name: v.optional(nameSchema),
  role: v.optional(personRole),
});

export const personListQuerySchema = v.object({
  ...pageSchema.entries,
  role: v.optional(personRole),
  email: v.optional(emailSchema),
});

export const personResponseSchema = v.object({
  id: v.string(),
  email: v.string(),
  name: v.string(),
  role: personRole,
  version: v.number(),
  created_at: v.string(),
  updated_at: v.string(),
});
