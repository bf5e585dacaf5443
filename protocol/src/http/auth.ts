import * as v from "valibot";
import { identifierSchema, nameSchema } from "./texts.ts";

const opaque = v.pipe(v.string(), v.minLength(1), v.maxLength(4096));

/** What a person can be in a class. */
export const memberRoles = ["instructor", "ta", "researcher"] as const;
export const memberRoleSchema = v.picklist(memberRoles);
export const personRoles = [...memberRoles, "admin"] as const;
export const roles = ["student", "class_key", ...personRoles] as const;
export const roleSchema = v.picklist(roles);
export type Role = v.InferOutput<typeof roleSchema>;

export const joinRequestSchema = v.object({
  joinCode: v.pipe(v.string(), v.maxLength(64)),
  name: nameSchema,
});
export const mintRequestSchema = v.object({
  userId: identifierSchema,
  userName: v.optional(nameSchema),
  teamName: v.optional(nameSchema),
});
export const tokenRequestSchema = v.object({ refreshToken: opaque });
export const redeemRequestSchema = v.object({ secret: opaque });
export const adminTokenRequestSchema = v.object({ adminKey: opaque });

export const bearerSchema = v.object({ token: v.string(), expiresAt: v.string() });
export const ticketSchema = v.object({ ticket: v.string(), expiresAt: v.string() });

/** `GET /auth/me`: who is logged in, and the classes they may look at. */
export const meSchema = v.object({
  role: roleSchema,
  name: v.string(),
  classes: v.array(v.object({ id: v.string(), name: v.string(), code: v.string() })),
});
export type Me = v.InferOutput<typeof meSchema>;
