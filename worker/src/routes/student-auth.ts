import {
  accept,
  createdId,
  joinRequestSchema,
  limits,
  mintRequestSchema,
  normalizeJoinCode,
  refuse,
  type StudentCredential,
  studentCredentialSchema,
  studentIdOf,
  ticketSchema,
  tokenRequestSchema,
} from "@cell-monitor/protocol";
import { classClaimsOf, onlyClass, type Principal } from "../auth/claims.ts";
import { rosteredAs } from "../auth/rostered-as.ts";
import { signToken, verifyToken } from "../auth/tokens.ts";
import { checkWithClass } from "../classrooms.ts";
import type { Env } from "../env.ts";
import { limitUse } from "../limits/limit-request.ts";
import { findByJoinCode } from "../queries/joining.ts";
import { answered } from "./answer.ts";
import { defineOpenRoute, defineRoute } from "./define-route.ts";
import type { Route } from "./route.ts";

const refreshMs = 180 * 24 * 60 * 60 * 1000;

interface Student {
  readonly studentId: string;
  readonly classId: string;
  readonly keyVersion: number;
  /** What the Hub knows them by. */
  readonly user: string | undefined;
  readonly name: string | undefined;
  readonly team: string | undefined;
  /** The class key that vouches for them. */
  readonly by: string | undefined;
}

/**
 * @param askedMs when it was asked for, before anybody was asked whether it may be: what is revoked meanwhile covers it.
 *   Unix ms
 */
async function credentialFor(
  env: Env,
  student: Student,
  askedMs: number,
  refreshToken?: string,
): Promise<StudentCredential> {
  const { studentId, classId, keyVersion, user, name, team, by } = student;
  const holder = {
    sub: studentId,
    role: "student" as const,
    cls: { [classId]: keyVersion },
    ...(user !== undefined && { user }),
    ...(name !== undefined && { name }),
    ...(team !== undefined && { team }),
    ...(by !== undefined && { by }),
    iat: askedMs / 1000,
  };
  const expiresMs = askedMs + limits.studentTokenMs;
  return {
    token: await signToken(env, { ...holder, use: "access" }, expiresMs),
    refreshToken: refreshToken ?? (await signToken(env, { ...holder, use: "refresh" }, askedMs + refreshMs)),
    expiresAt: new Date(expiresMs).toISOString(),
    studentId,
    classId,
  };
}

/** Who joined before with this device, if what it got then still stands with the class. */
async function formerStudent(
  env: Env,
  classId: string,
  refreshToken: string,
): Promise<Principal | undefined> {
  const verified = await verifyToken(env, refreshToken);
  if (!verified.ok || verified.value.use !== "refresh" || onlyClass(verified.value) !== classId)
    return undefined;
  const stands = await checkWithClass(env, classId, classClaimsOf(verified.value, classId));
  return stands.ok ? verified.value : undefined;
}

function unknownCode(typed: string) {
  const hint = /[01OIL]/.test(typed) ? " Codes hold no 0, O, 1, I or L: look at it again." : "";
  return refuse("class_not_found", `No class has this join code.${hint}`);
}

/** For JupyterLabs that nobody vouches for. */
const join = defineOpenRoute({
  method: "post",
  path: "/api/v1/auth/join",
  tag: "auth",
  summary: "Join a class by its code and a name",
  description: "With the refresh token that a device got when it joined before, the student is the same.",
  policy: { kind: "public", because: "the join code is the credential", wrong: "wrong_codes" },
  body: joinRequestSchema,
  answer: { status: 200, schema: studentCredentialSchema },
  async handle({ env, body: { joinCode, name, refreshToken } }) {
    const askedMs = Date.now();
    const code = normalizeJoinCode(joinCode);
    const found = await findByJoinCode(env, code);
    if (!found) return unknownCode(code);
    const { id: classId, key_version: keyVersion } = found;
    const allowed = limitUse(env, "join_code", classId);
    if (!allowed.ok) return allowed;
    if (!found.join_open) {
      return refuse("forbidden", "This class takes nobody in by its code at present; ask its instructor.");
    }
    const former = refreshToken === undefined ? undefined : await formerStudent(env, classId, refreshToken);
    const studentId = former?.sub ?? studentIdOf("join", createdId(askedMs));
    const student = {
      studentId,
      classId,
      keyVersion,
      user: former?.user,
      name,
      team: former?.team,
      by: former?.by,
    };
    return accept(answered(await credentialFor(env, student, askedMs)));
  },
});

const mint = defineRoute({
  method: "post",
  path: "/api/v1/auth/student-credential",
  tag: "auth",
  summary: "Credentials of a student for whom the holder of a class key vouches",
  description:
    "The name and the team that the class's roster has for them go before those that are given here.",
  policy: { kind: "roles", roles: ["class_key"], scope: "mint" },
  body: mintRequestSchema,
  answer: { status: 200, schema: studentCredentialSchema },
  async handle({ env, who, body }) {
    const askedMs = Date.now();
    const classId = onlyClass(who) ?? "";
    const claims = classClaimsOf(who, classId);
    const stands = await checkWithClass(env, classId, claims);
    if (!stands.ok) return stands;
    const { userId, userName, teamName } = body;
    const studentId = studentIdOf(who.idp ?? "", userId);
    const rostered = await rosteredAs(env, classId, studentId);
    const { keyVersion } = claims;
    const student = {
      studentId,
      classId,
      keyVersion,
      user: userId,
      name: rostered?.name ?? userName,
      team: rostered?.team ?? teamName,
      by: who.sub,
    };
    return accept(answered(await credentialFor(env, student, askedMs)));
  },
});

const refresh = defineOpenRoute({
  method: "post",
  path: "/api/v1/auth/token",
  tag: "auth",
  summary: "A new access token, for a refresh token that its class has not revoked",
  policy: { kind: "public", because: "the refresh token in the body is the credential" },
  body: tokenRequestSchema,
  answer: { status: 200, schema: studentCredentialSchema },
  async handle({ env, body }) {
    const askedMs = Date.now();
    const verified = await verifyToken(env, body.refreshToken);
    if (!verified.ok) return verified;
    const holder = verified.value;
    const classId = onlyClass(holder);
    if (holder.use !== "refresh" || classId === undefined) {
      return refuse("unauthenticated", "That is no refresh token.");
    }
    const allowed = limitUse(env, "refresh", holder.sub);
    if (!allowed.ok) return allowed;
    const claims = classClaimsOf(holder, classId);
    const stands = await checkWithClass(env, classId, claims);
    if (!stands.ok) return stands;
    const { sub: studentId, user, name, team, by } = holder;
    const student = { studentId, classId, keyVersion: claims.keyVersion, user, name, team, by };
    return accept(answered(await credentialFor(env, student, askedMs, body.refreshToken)));
  },
});

/** It may stand in an address or a list of subprotocols, and lasts a minute. */
const ticket = defineRoute({
  method: "post",
  path: "/api/v1/auth/ticket",
  tag: "auth",
  summary: "A ticket that opens one live connection",
  policy: { kind: "roles", roles: ["student", "instructor", "ta", "admin"] },
  answer: { status: 200, schema: ticketSchema },
  async handle({ env, who }) {
    const expiresMs = Date.now() + limits.ticketMs;
    const { exp: until, ...holder } = who;
    const jti = crypto.randomUUID();
    const signed = await signToken(env, { ...holder, use: "ticket", jti, until }, expiresMs);
    return accept(answered({ ticket: signed, expiresAt: new Date(expiresMs).toISOString() }));
  },
});

export const studentAuthRoutes: readonly Route[] = [join, mint, refresh, ticket];
