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
  /** What this device got when it joined before: with it who joins again is the same student. */
  refreshToken: v.optional(opaque),
});
export const mintRequestSchema = v.object({
  userId: identifierSchema,
  userName: v.optional(nameSchema),
  teamName: v.optional(nameSchema),
});
export const tokenRequestSchema = v.object({ refreshToken: opaque });
export const redeemRequestSchema = v.object({ secret: opaque });
export const adminTokenRequestSchema = v.object({ adminKey: opaque });

/** `GET /auth/methods`: what the login page shows. */
export const loginMethodsSchema = v.object({
  loginLink: v.boolean(),
  oidc: v.nullable(v.object({ name: v.nullable(v.string()) })),
});
export type LoginMethods = v.InferOutput<typeof loginMethodsSchema>;
/** Where the provider's own session is ended; null where it has no such place. */
export const logoutUrlSchema = v.object({ logoutUrl: v.nullable(v.string()) });

export const bearerSchema = v.object({ token: v.string(), expiresAt: v.string() });
export const ticketSchema = v.object({ ticket: v.string(), expiresAt: v.string() });

/** `GET /auth/me`: who is logged in, and the classes they may look at. */
export const meSchema = v.object({
  /** By which others know them, as where one of them claims a request for help. */
  id: v.string(),
  role: roleSchema,
  name: v.string(),
  classes: v.array(v.object({ id: v.string(), name: v.string(), code: v.string() })),
  /** How they logged in; absent of a bearer, who didn't. */
  login: v.optional(v.picklist(["link", "oidc"])),
});
export type Me = v.InferOutput<typeof meSchema>;
