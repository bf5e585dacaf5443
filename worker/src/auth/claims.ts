import type { LiveHolder } from "@cell-monitor/durable-objects";
import { keyScopes, roleSchema } from "@cell-monitor/protocol";
import * as v from "valibot";

export const issuer = "cell-monitor";
export const audience = "cell-monitor";

/** What a token may be used for. A refresh token opens nothing but `/auth/token`, a ticket nothing but a socket. */
const uses = ["access", "refresh", "ticket", "session"] as const;

/** What the holder of a verified token is. */
export const principalSchema = v.object({
  use: v.picklist(uses),
  sub: v.pipe(v.string(), v.minLength(1)),
  role: roleSchema,
  /** Classes it is good for, each with the version of the class's keys it was made under. */
  cls: v.record(v.pipe(v.string(), v.uuid()), v.number()),
  scopes: v.optional(v.array(v.picklist(keyScopes)), []),
  name: v.optional(v.string()),
  team: v.optional(v.string()),
  /** Who vouches for the names that the holder of a class key brings. */
  idp: v.optional(v.string()),
  jti: v.optional(v.string()),
  /** Of a ticket: how long what it opens may last, which is as long as what it was made from. Unix seconds. */
  until: v.optional(v.number()),
  /** Unix seconds. */
  iat: v.number(),
  exp: v.number(),
});
export type Principal = v.InferOutput<typeof principalSchema>;

export type NewToken = Omit<Principal, "iat" | "exp" | "scopes" | "jti"> & {
  readonly scopes?: Principal["scopes"];
  readonly jti?: string;
  /** Unix seconds; of what it is made from, lest a revocation be outlived by asking for another. Now, if absent. */
  readonly iat?: number;
};

/** The class of a credential that names just one. */
export function onlyClass(principal: Principal): string | undefined {
  const ids = Object.keys(principal.cls);
  return ids.length === 1 ? ids[0] : undefined;
}

export function maySeeClass(principal: Principal, classId: string): boolean {
  return principal.role === "admin" || Object.hasOwn(principal.cls, classId);
}

function liveRoleOf({ role }: Principal): LiveHolder["role"] {
  if (role === "student") return "student";
  if (role === "instructor" || role === "ta" || role === "admin") return "instructor";
  throw new Error(`A live connection is not for the role ${role}.`);
}

/** Who holds a live connection to a class. The route has let in only who may. */
export function liveHolderOf(principal: Principal, classId: string): LiveHolder {
  const { name, team } = principal;
  return {
    ...classClaimsOf(principal, classId),
    role: liveRoleOf(principal),
    ...(name !== undefined && { name }),
    ...(team !== undefined && { team }),
  };
}

/** The claims that the class itself checks. */
export function classClaimsOf(principal: Principal, classId: string) {
  return {
    subject: principal.sub,
    // An admin's credential stands above every class's keys.
    keyVersion: principal.role === "admin" ? Number.MAX_SAFE_INTEGER : (principal.cls[classId] ?? 0),
    issuedMs: principal.iat * 1000,
    expiresMs: (principal.until ?? principal.exp) * 1000,
    ...(principal.use === "ticket" && principal.jti !== undefined && { ticketId: principal.jti }),
  };
}
