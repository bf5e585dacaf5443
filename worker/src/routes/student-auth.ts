import {
  createdId,
  joinRequestSchema,
  limits,
  mintRequestSchema,
  normalizeJoinCode,
  refusalResponse,
  refuse,
  type StudentCredential,
  studentIdOf,
  tokenRequestSchema,
} from "@cell-monitor/protocol";
import { classClaimsOf, onlyClass, type Principal } from "../auth/claims.ts";
import { signToken, verifyToken } from "../auth/tokens.ts";
import { checkWithClass } from "../classrooms.ts";
import type { Env } from "../env.ts";
import { readBody } from "../middleware/read-body.ts";
import { findByJoinCode } from "../queries/classes.ts";
import type { AppContext, Route } from "./route.ts";

const refreshMs = 180 * 24 * 60 * 60 * 1000;

interface Student {
  readonly studentId: string;
  readonly classId: string;
  readonly keyVersion: number;
  readonly name: string | undefined;
  readonly team: string | undefined;
}

async function credentialFor(env: Env, student: Student, refreshToken?: string): Promise<StudentCredential> {
  const { studentId, classId, keyVersion, name, team } = student;
  const holder = {
    sub: studentId,
    role: "student" as const,
    cls: { [classId]: keyVersion },
    ...(name !== undefined && { name }),
    ...(team !== undefined && { team }),
  };
  const nowMs = Date.now();
  const expiresMs = nowMs + limits.studentTokenMs;
  return {
    token: await signToken(env, { ...holder, use: "access" }, expiresMs),
    refreshToken: refreshToken ?? (await signToken(env, { ...holder, use: "refresh" }, nowMs + refreshMs)),
    expiresAt: new Date(expiresMs).toISOString(),
    studentId,
    classId,
  };
}

/** A code and a name make a student: for JupyterLabs that nobody vouches for. */
async function join(c: AppContext): Promise<Response> {
  const body = await readBody(c, joinRequestSchema);
  if (!body.ok) return refusalResponse(body.refusal);
  const found = await findByJoinCode(c.env, normalizeJoinCode(body.value.joinCode));
  if (!found) return refusalResponse(refuse("class_not_found", "No class has this join code.").refusal);
  const studentId = studentIdOf("join", createdId(Date.now()));
  const { id: classId, key_version: keyVersion } = found;
  return c.json(
    await credentialFor(c.env, { studentId, classId, keyVersion, name: body.value.name, team: undefined }),
  );
}

/** The Hub vouches for a user. */
async function mint(c: AppContext, who: Principal): Promise<Response> {
  const body = await readBody(c, mintRequestSchema);
  if (!body.ok) return refusalResponse(body.refusal);
  const classId = onlyClass(who) ?? "";
  const claims = classClaimsOf(who, classId);
  const stands = await checkWithClass(c.env, classId, claims);
  if (!stands.ok) return refusalResponse(stands.refusal);
  const { userId, userName, teamName } = body.value;
  const studentId = studentIdOf(who.idp ?? "", userId);
  const { keyVersion } = claims;
  return c.json(
    await credentialFor(c.env, { studentId, classId, keyVersion, name: userName ?? userId, team: teamName }),
  );
}

/** A refresh token, as long as its class has not revoked it, gives an access token. */
async function refresh(c: AppContext): Promise<Response> {
  const body = await readBody(c, tokenRequestSchema);
  if (!body.ok) return refusalResponse(body.refusal);
  const verified = await verifyToken(c.env, body.value.refreshToken);
  if (!verified.ok) return refusalResponse(verified.refusal);
  const holder = verified.value;
  const classId = onlyClass(holder);
  if (holder.use !== "refresh" || classId === undefined) {
    return refusalResponse(refuse("unauthenticated", "That is no refresh token.").refusal);
  }
  const claims = classClaimsOf(holder, classId);
  const stands = await checkWithClass(c.env, classId, claims);
  if (!stands.ok) return refusalResponse(stands.refusal);
  const student = {
    studentId: holder.sub,
    classId,
    keyVersion: claims.keyVersion,
    name: holder.name,
    team: holder.team,
  };
  return c.json(await credentialFor(c.env, student, body.value.refreshToken));
}

/** A ticket opens one socket within a minute; it may stand in an address or a list of subprotocols. */
async function ticket(c: AppContext, who: Principal): Promise<Response> {
  const expiresMs = Date.now() + limits.ticketMs;
  const { exp: until, ...holder } = who;
  const ticketId = crypto.randomUUID();
  const signed = await signToken(c.env, { ...holder, use: "ticket", jti: ticketId, until }, expiresMs);
  return c.json({ ticket: signed, expiresAt: new Date(expiresMs).toISOString() });
}

export const studentAuthRoutes: readonly Route[] = [
  {
    method: "post",
    path: "/api/v1/auth/join",
    policy: { kind: "public", because: "the join code is the credential" },
    handle: join,
  },
  {
    method: "post",
    path: "/api/v1/auth/student-credential",
    policy: { kind: "roles", roles: ["class_key"], scope: "mint" },
    handle: mint,
  },
  {
    method: "post",
    path: "/api/v1/auth/token",
    policy: { kind: "public", because: "the refresh token in the body is the credential" },
    handle: refresh,
  },
  {
    method: "post",
    path: "/api/v1/auth/ticket",
    policy: { kind: "roles", roles: ["student", "instructor", "ta", "admin"] },
    handle: ticket,
  },
];
