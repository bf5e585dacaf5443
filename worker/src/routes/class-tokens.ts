import {
  instructorTokenCreateSchema,
  refusalResponse,
  refuse,
  studentIdOf,
  studentTokenCreateSchema,
} from "@cell-monitor/protocol";
import { signToken } from "../auth/tokens.ts";
import { identityIssuer } from "../env.ts";
import { readBody } from "../middleware/read-body.ts";
import { classSettings } from "../queries/classes.ts";
import { findTeacher } from "../queries/people.ts";
import type { AppContext, Route } from "./route.ts";

/** For scripts and tests: as long as a day's work, and no refresh. */
const tokenMs = 24 * 60 * 60 * 1000;

async function instructorToken(c: AppContext): Promise<Response> {
  const body = await readBody(c, instructorTokenCreateSchema);
  if (!body.ok) return refusalResponse(body.refusal);
  const classId = c.req.param("classId") ?? "";
  const teacher = await findTeacher(c.env, body.value.instructor_id, classId);
  const membership = teacher?.classes.find(({ id }) => id === classId);
  if (!teacher || !membership) {
    return refusalResponse(refuse("not_found", "The class has no such instructor.").refusal);
  }
  const cls = { [membership.id]: membership.key_version };
  const holder = { use: "access", sub: teacher.id, role: "instructor", cls, name: teacher.name } as const;
  const expiresMs = Date.now() + tokenMs;
  const token = await signToken(c.env, holder, expiresMs);
  return c.json({ token, expiresAt: new Date(expiresMs).toISOString() }, 201);
}

async function studentToken(c: AppContext): Promise<Response> {
  const body = await readBody(c, studentTokenCreateSchema);
  if (!body.ok) return refusalResponse(body.refusal);
  const settings = await classSettings(c.env, c.req.param("classId") ?? "");
  if (!settings) return refusalResponse(refuse("class_not_found", "There is no such class.").refusal);
  const { user_id: userId, user_name: name = userId } = body.value;
  const studentId = studentIdOf(identityIssuer(c.env), userId);
  const cls = { [settings.classId]: settings.keyVersion };
  const expiresMs = Date.now() + tokenMs;
  const token = await signToken(
    c.env,
    { use: "access", sub: studentId, role: "student", cls, name },
    expiresMs,
  );
  return c.json({ token, expiresAt: new Date(expiresMs).toISOString(), studentId }, 201);
}

const policy = { kind: "roles", roles: ["admin"], classParameter: "classId" } as const;

export const classTokenRoutes: readonly Route[] = [
  { method: "post", path: "/api/v1/classes/:classId/instructor-tokens", policy, handle: instructorToken },
  { method: "post", path: "/api/v1/classes/:classId/student-tokens", policy, handle: studentToken },
];
