import {
  classCreateSchema,
  instructorCreateSchema,
  keyCreateSchema,
  limits,
  loginLinkCreateSchema,
  refusalResponse,
  refuse,
} from "@cell-monitor/protocol";
import type { Principal } from "../auth/claims.ts";
import { hashSecret, newJoinCode, newSecret } from "../auth/secrets.ts";
import { signToken } from "../auth/tokens.ts";
import { announceClass } from "../classrooms.ts";
import { identityIssuer, publicOrigin } from "../env.ts";
import { readBody } from "../middleware/read-body.ts";
import { createClass, findClass, listClasses } from "../queries/classes.ts";
import { addClassKey, addInstructor, addLoginLink, findTeacher } from "../queries/people.ts";
import type { AppContext, Route } from "./route.ts";

const dayMs = 24 * 60 * 60 * 1000;
const classKeyMs = 365 * dayMs;

const noSuchClass = () => refusalResponse(refuse("class_not_found", "There is no such class.").refusal);
const noSuchTeacher = () => refusalResponse(refuse("not_found", "The class has no such instructor.").refusal);

async function create(c: AppContext): Promise<Response> {
  const body = await readBody(c, classCreateSchema);
  if (!body.ok) return refusalResponse(body.refusal);
  const created = await createClass(c.env, body.value, newJoinCode());
  if (!created.ok) return refusalResponse(created.refusal);
  if (!created.value) throw new Error("The database returned no class.");
  await announceClass(c.env, created.value.id);
  return c.json(created.value, 201);
}

async function list(c: AppContext, who: Principal): Promise<Response> {
  const classes = await listClasses(c.env, who.role === "admin" ? undefined : Object.keys(who.cls));
  c.header("x-total-count", String(classes.length));
  return c.json(classes);
}

async function show(c: AppContext): Promise<Response> {
  const found = await findClass(c.env, classIdOf(c));
  return found ? c.json(found) : noSuchClass();
}

async function issueKey(c: AppContext): Promise<Response> {
  const body = await readBody(c, keyCreateSchema);
  if (!body.ok) return refusalResponse(body.refusal);
  const scopes = [...new Set(body.value.scopes)];
  const classId = classIdOf(c);
  const key = await addClassKey(c.env, classId, scopes);
  if (!key) return noSuchClass();
  const holder = {
    use: "access",
    sub: key.id,
    role: "class_key",
    cls: { [classId]: key.key_version },
    scopes,
    idp: identityIssuer(c.env),
  } as const;
  return c.json({ id: key.id, key: await signToken(c.env, holder, Date.now() + classKeyMs), scopes }, 201);
}

async function invite(c: AppContext): Promise<Response> {
  const body = await readBody(c, instructorCreateSchema);
  if (!body.ok) return refusalResponse(body.refusal);
  if (!(await findClass(c.env, classIdOf(c)))) return noSuchClass();
  return c.json(await addInstructor(c.env, classIdOf(c), body.value.email, body.value.name), 201);
}

async function loginLink(c: AppContext): Promise<Response> {
  const body = await readBody(c, loginLinkCreateSchema);
  if (!body.ok) return refusalResponse(body.refusal);
  const teacher = await findTeacher(c.env, body.value.instructor_id, classIdOf(c));
  if (!teacher) return noSuchTeacher();
  const secret = newSecret();
  const expiresMs = Date.now() + limits.loginLinkMs;
  await addLoginLink(c.env, {
    instructorId: teacher.id,
    classId: classIdOf(c),
    hash: await hashSecret(secret),
    expiresMs,
  });
  // In the fragment: it reaches no server's log, and no scanner that merely follows the link.
  const url = `${publicOrigin(c.env, c.req.url)}/login#${secret}`;
  return c.json({ url, expires_at: new Date(expiresMs).toISOString() }, 201);
}

function classIdOf(c: AppContext): string {
  return c.req.param("classId") ?? "";
}

const admins = { kind: "roles", roles: ["admin"] } as const;
const adminsOfClass = { ...admins, classParameter: "classId" } as const;

export const classRoutes: readonly Route[] = [
  { method: "post", path: "/api/v1/classes", policy: admins, handle: create },
  {
    method: "get",
    path: "/api/v1/classes",
    policy: { kind: "roles", roles: ["instructor", "ta", "admin"] },
    handle: list,
  },
  {
    method: "get",
    path: "/api/v1/classes/:classId",
    policy: { kind: "roles", roles: ["instructor", "ta", "admin"], classParameter: "classId" },
    handle: show,
  },
  { method: "post", path: "/api/v1/classes/:classId/keys", policy: adminsOfClass, handle: issueKey },
  { method: "post", path: "/api/v1/classes/:classId/instructors", policy: adminsOfClass, handle: invite },
  { method: "post", path: "/api/v1/classes/:classId/login-links", policy: adminsOfClass, handle: loginLink },
];
