import type { LiveHolder } from "@cell-monitor/durable-objects";
import { keyScopes, memberRoleSchema, personRoles, type Role, roleSchema } from "@cell-monitor/protocol";
import * as v from "valibot";

export const issuer = "cell-monitor";
export const audience = "cell-monitor";

/** The first admin's subject: they have no row, and stand as long as the deployment's admin key does. */
export const firstAdmin = "admin";

/** What a token may be used for. A refresh token opens nothing but `/auth/token`, a ticket nothing but a socket. */
const uses = ["access", "refresh", "ticket", "session"] as const;

const classId = v.pipe(v.string(), v.uuid());

/** What the holder of a verified token is. */
export const principalSchema = v.object({
  use: v.picklist(uses),
  sub: v.pipe(v.string(), v.minLength(1)),
  role: roleSchema,
  /** Classes it is good for, each with the version of the class's keys it was made under. */
  cls: v.record(classId, v.number()),
  /** What a person is in those of the classes where it is something else than `role`. */
  as: v.optional(v.record(classId, memberRoleSchema)),
  /** The sections that a teaching assistant is confined to, by class. */
  sec: v.optional(v.record(classId, v.array(v.string()))),
  /** A person's: all that was made under another is void. */
  epoch: v.optional(v.number()),
  scopes: v.optional(v.array(v.picklist(keyScopes)), []),
  /** What a student logs in as. */
  user: v.optional(v.string()),
  name: v.optional(v.string()),
  team: v.optional(v.string()),
  /** Who vouches for the names that the holder of a class key brings; of a session, the provider that opened it. */
  idp: v.optional(v.string()),
  /** Of a session: when its holder logged in. Unix seconds. */
  since: v.optional(v.number()),
  /** The class key that made it, with which it is void. */
  by: v.optional(v.string()),
  jti: v.optional(v.string()),
  /** Of a ticket: how long what it opens may last, which is as long as what it was made from. Unix seconds. */
  until: v.optional(v.number()),
  /** Unix seconds, with their fraction: what is made right after a revocation is not void with it. */
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

/** Classes in which somebody has what a route asks for. */
export type Granted = { readonly all: true } | { readonly all: false; readonly ids: readonly string[] };

/** Whether it stands for one who teaches, administers or researches, as opposed to a student or a key of a class. */
export function isPerson({ role }: Pick<Principal, "role">): boolean {
  return personRoles.some((known) => known === role);
}

/** The class of a credential that names just one. */
export function onlyClass(principal: Principal): string | undefined {
  const ids = Object.keys(principal.cls);
  return ids.length === 1 ? ids[0] : undefined;
}

/** What the holder is in a class; undefined where the credential has nothing to do with it. */
export function roleIn(principal: Principal, classId: string): Role | undefined {
  if (principal.role === "admin") return "admin";
  if (!Object.hasOwn(principal.cls, classId)) return undefined;
  return principal.as?.[classId] ?? principal.role;
}

/** The classes in which the holder has one of the roles. */
export function grantedTo(principal: Principal, roles: readonly Role[]): Granted {
  if (principal.role === "admin") return roles.includes("admin") ? { all: true } : { all: false, ids: [] };
  const ids = Object.keys(principal.cls).filter((id) => {
    const role = roleIn(principal, id);
    return role !== undefined && roles.includes(role);
  });
  return { all: false, ids };
}

export function maySeeClass(principal: Principal, classId: string): boolean {
  return roleIn(principal, classId) !== undefined;
}

/** The sections of a class that a teaching assistant is confined to; undefined for all of it. */
export function sectionsOf(principal: Principal, classId: string): readonly string[] | undefined {
  return roleIn(principal, classId) === "ta" ? principal.sec?.[classId] : undefined;
}

function liveRoleOf(principal: Principal, classId: string): LiveHolder["role"] {
  const role = roleIn(principal, classId);
  if (role === "student") return "student";
  if (role === "instructor" || role === "ta" || role === "admin") return "instructor";
  throw new Error(`A live connection is not for the role ${role}.`);
}

/** Who holds a live connection to a class. The route has let in only who may. */
export function liveHolderOf(principal: Principal, classId: string): LiveHolder {
  const { user, name, team } = principal;
  return {
    ...classClaimsOf(principal, classId),
    role: liveRoleOf(principal, classId),
    ...(user !== undefined && { user }),
    ...(name !== undefined && { name }),
    ...(team !== undefined && { team }),
  };
}

/** Who does something to a class, as those whom it concerns are told. */
export function actorOf(principal: Principal, classId: string) {
  const { ticketId: _, ...claims } = classClaimsOf(principal, classId);
  return { ...claims, ...(principal.name !== undefined && { name: principal.name }) };
}

/** The claims that the class itself checks. */
export function classClaimsOf(principal: Principal, classId: string) {
  const sections = sectionsOf(principal, classId);
  return {
    subject: principal.sub,
    // What a person may is not made of the class's keys, and outlives them.
    keyVersion: isPerson(principal) ? Number.MAX_SAFE_INTEGER : (principal.cls[classId] ?? 0),
    issuedMs: principal.iat * 1000,
    expiresMs: (principal.until ?? principal.exp) * 1000,
    ...(principal.by !== undefined && { by: principal.by }),
    ...(sections && { sections: [...sections] }),
    ...(principal.use === "ticket" && principal.jti !== undefined && { ticketId: principal.jti }),
  };
}
