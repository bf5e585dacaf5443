import {
  accept,
  limits,
  loginLinkCreateSchema,
  loginLinkRecordSchema,
  loginLinkResponseSchema,
  pageSchema,
  refuse,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import { hashSecret, newSecret } from "../auth/secrets.ts";
import { publicOrigin } from "../env.ts";
import { addLoginLink, listLoginLinks, revokeLoginLink } from "../queries/login-links.ts";
import { findTeacher } from "../queries/people.ts";
import { answered } from "./answer.ts";
import { defineRoute } from "./define-route.ts";
import type { Route } from "./route.ts";

const policy = { kind: "roles", roles: ["admin"], classParameter: "classId" } as const;

const issue = defineRoute({
  method: "post",
  path: "/api/v1/classes/:classId/login-links",
  tag: "auth",
  summary: "Make a one-time login link for an instructor",
  policy,
  body: loginLinkCreateSchema,
  answer: { status: 201, schema: loginLinkResponseSchema },
  async handle({ c, env, db, params: { classId }, body }) {
    const teacher = await findTeacher(env, body.instructor_id, classId);
    if (!teacher) return refuse("not_found", "The class has no such instructor.");
    const secret = newSecret();
    const expiresMs = Date.now() + limits.loginLinkMs;
    const hash = await hashSecret(secret);
    const id = await addLoginLink(db, { instructorId: teacher.id, classId, hash, expiresMs });
    // In the fragment: it reaches no server's log, and no scanner that merely follows the link.
    const url = `${publicOrigin(env, c.req.url)}/login#${secret}`;
    return accept(answered({ id, url, expires_at: new Date(expiresMs).toISOString() }));
  },
});

const list = defineRoute({
  method: "get",
  path: "/api/v1/classes/:classId/login-links",
  tag: "auth",
  summary: "The login links that were made for a class, newest first",
  policy,
  query: pageSchema,
  answer: { status: 200, schema: v.array(loginLinkRecordSchema), isList: true },
  async handle({ db, params: { classId }, query }) {
    const { rows, total } = await listLoginLinks(db, classId, query);
    return accept(answered(rows, { total }));
  },
});

const revoke = defineRoute({
  method: "delete",
  path: "/api/v1/classes/:classId/login-links/:linkId",
  tag: "auth",
  summary: "Make a login link void that was not used yet",
  policy,
  answer: { status: 200, schema: loginLinkRecordSchema },
  async handle({ db, params: { classId, linkId } }) {
    const revoked = await revokeLoginLink(db, classId, linkId);
    return revoked ? accept(answered(revoked)) : refuse("not_found", "The class has no such login link.");
  },
});

export const loginLinkRoutes: readonly Route[] = [issue, list, revoke];
