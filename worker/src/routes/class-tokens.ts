import {
  accept,
  bearerSchema,
  instructorTokenCreateSchema,
  refuse,
  studentIdOf,
  studentTokenCreateSchema,
  studentTokenSchema,
} from "@cell-monitor/protocol";
import { personClaims } from "../auth/person.ts";
import { signToken } from "../auth/tokens.ts";
import { identityIssuer } from "../env.ts";
import { classSettings } from "../queries/class-settings.ts";
import { findTeacher } from "../queries/people.ts";
import { answered } from "./answer.ts";
import { defineRoute } from "./define-route.ts";
import type { Route } from "./route.ts";

/** For scripts and tests: as long as a day's work, and no refresh. */
const tokenMs = 24 * 60 * 60 * 1000;

const policy = { kind: "roles", roles: ["admin"], classParameter: "classId" } as const;

const instructorToken = defineRoute({
  method: "post",
  path: "/api/v1/classes/:classId/instructor-tokens",
  tag: "auth",
  summary: "A day's token of one who teaches the class",
  policy,
  body: instructorTokenCreateSchema,
  answer: { status: 201, schema: bearerSchema },
  async handle({ env, params: { classId }, body }) {
    // As old as the question: what is revoked while it is answered is void with the rest.
    const askedMs = Date.now();
    const teacher = await findTeacher(env, body.instructor_id, classId);
    const membership = teacher?.classes.find(({ id }) => id === classId);
    if (!teacher || !membership) return refuse("not_found", "The class has no such instructor.");
    const claims = personClaims({ ...teacher, classes: [membership] });
    const expiresMs = askedMs + tokenMs;
    const token = await signToken(env, { ...claims, use: "access", iat: askedMs / 1000 }, expiresMs);
    return accept(answered({ token, expiresAt: new Date(expiresMs).toISOString() }));
  },
});

const studentToken = defineRoute({
  method: "post",
  path: "/api/v1/classes/:classId/student-tokens",
  tag: "auth",
  summary: "A day's token of a student of the class",
  policy,
  body: studentTokenCreateSchema,
  answer: { status: 201, schema: studentTokenSchema },
  async handle({ env, params, body }) {
    const settings = await classSettings(env, params.classId);
    if (!settings) return refuse("class_not_found", "There is no such class.");
    const { user_id: userId, user_name: name = userId } = body;
    const studentId = studentIdOf(identityIssuer(env), userId);
    const cls = { [settings.classId]: settings.keyVersion };
    const expiresMs = Date.now() + tokenMs;
    const holder = { use: "access", sub: studentId, role: "student", cls, name } as const;
    const token = await signToken(env, holder, expiresMs);
    return accept(answered({ token, expiresAt: new Date(expiresMs).toISOString(), studentId }));
  },
});

export const classTokenRoutes: readonly Route[] = [instructorToken, studentToken];
