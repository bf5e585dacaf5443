import {
  accept,
  instructorCreateSchema,
  instructorResponseSchema,
  keyCreateSchema,
  keyResponseSchema,
  limits,
  loginLinkCreateSchema,
  loginLinkResponseSchema,
  refuse,
} from "@cell-monitor/protocol";
import { hashSecret, newSecret } from "../auth/secrets.ts";
import { signToken } from "../auth/tokens.ts";
import { identityIssuer, publicOrigin } from "../env.ts";
import { findClass } from "../queries/classes.ts";
import { addClassKey, addInstructor, addLoginLink, findTeacher } from "../queries/people.ts";
import { answered } from "./answer.ts";
import { defineRoute } from "./define-route.ts";
import type { Route } from "./route.ts";

const dayMs = 24 * 60 * 60 * 1000;
const classKeyMs = 365 * dayMs;

const policy = { kind: "roles", roles: ["admin"], classParameter: "classId" } as const;
const noSuchClass = refuse("class_not_found", "There is no such class.");

const issueKey = defineRoute({
  method: "post",
  path: "/api/v1/classes/:classId/keys",
  tag: "auth",
  summary: "Issue a class key",
  policy,
  body: keyCreateSchema,
  answer: { status: 201, schema: keyResponseSchema },
  async handle({ env, params: { classId }, body }) {
    const scopes = [...new Set(body.scopes)];
    const key = await addClassKey(env, classId, scopes);
    if (!key) return noSuchClass;
    const holder = {
      use: "access",
      sub: key.id,
      role: "class_key",
      cls: { [classId]: key.key_version },
      scopes,
      idp: identityIssuer(env),
    } as const;
    const signed = await signToken(env, holder, Date.now() + classKeyMs);
    return accept(answered({ id: key.id, key: signed, scopes }));
  },
});

const invite = defineRoute({
  method: "post",
  path: "/api/v1/classes/:classId/instructors",
  tag: "people",
  summary: "Add an instructor to a class",
  policy,
  body: instructorCreateSchema,
  answer: { status: 201, schema: instructorResponseSchema },
  async handle({ env, params: { classId }, body }) {
    if (!(await findClass(env, classId))) return noSuchClass;
    const added = await addInstructor(env, classId, body.email, body.name);
    if (!added) throw new Error("The database returned no instructor.");
    return accept(answered(added));
  },
});

const loginLink = defineRoute({
  method: "post",
  path: "/api/v1/classes/:classId/login-links",
  tag: "auth",
  summary: "Make a one-time login link for an instructor",
  policy,
  body: loginLinkCreateSchema,
  answer: { status: 201, schema: loginLinkResponseSchema },
  async handle({ c, env, params: { classId }, body }) {
    const teacher = await findTeacher(env, body.instructor_id, classId);
    if (!teacher) return refuse("not_found", "The class has no such instructor.");
    const secret = newSecret();
    const expiresMs = Date.now() + limits.loginLinkMs;
    const hash = await hashSecret(secret);
    await addLoginLink(env, { instructorId: teacher.id, classId, hash, expiresMs });
    // In the fragment: it reaches no server's log, and no scanner that merely follows the link.
    const url = `${publicOrigin(env, c.req.url)}/login#${secret}`;
    return accept(answered({ url, expires_at: new Date(expiresMs).toISOString() }));
  },
});

export const classAccessRoutes: readonly Route[] = [issueKey, invite, loginLink];
