import {
  accept,
  actionAnswerSchema,
  type ClassAction,
  helpChangeSchema,
  helpRequestListSchema,
  helpResolutionSchema,
  limits,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import { actorOf, type Principal } from "../auth/claims.ts";
import { actInClass, helpRequestsOf } from "../classrooms.ts";
import type { Env } from "../env.ts";
import { answered } from "./answer.ts";
import { defineRoute } from "./define-route.ts";
import type { Route } from "./route.ts";

const staff = { kind: "roles", roles: ["instructor", "ta", "admin"], classParameter: "classId" } as const;
/** As students' clients name them. */
const params = { helpId: v.pipe(v.string(), v.minLength(1), v.maxLength(limits.idLength)) };
const answer = { status: 200, schema: actionAnswerSchema } as const;

/** Has the class do what its holder asks for on a live connection too. */
export async function act(env: Env, who: Principal, classId: string, action: ClassAction) {
  const done = await actInClass(env, classId, actorOf(who, classId), action);
  return done.ok ? accept(answered(done.value)) : done;
}

function whose(studentId: string | undefined) {
  return studentId === undefined ? {} : { studentId };
}

const list = defineRoute({
  method: "get",
  path: "/api/v1/classes/:classId/help",
  tag: "help",
  summary: "Who waits for help, the longest first",
  policy: staff,
  answer: { status: 200, schema: helpRequestListSchema, isList: true },
  async handle({ env, who, params: { classId } }) {
    const found = await helpRequestsOf(env, classId, actorOf(who, classId));
    return found.ok ? accept(answered(found.value, { total: found.value.length })) : found;
  },
});

const claim = defineRoute({
  method: "post",
  path: "/api/v1/classes/:classId/help/:helpId/claim",
  tag: "help",
  summary: "Say that one goes to a student who waits for help",
  description: "A request that somebody else has claimed is a conflict, which names them.",
  policy: staff,
  params,
  body: helpChangeSchema,
  answer,
  handle: ({ env, who, params: { classId, helpId }, body }) =>
    act(env, who, classId, { type: "help_claim", helpId, ...whose(body.student_id) }),
});

const release = defineRoute({
  method: "post",
  path: "/api/v1/classes/:classId/help/:helpId/release",
  tag: "help",
  summary: "Give a claim up, one's own or another's",
  policy: staff,
  params,
  body: helpChangeSchema,
  answer,
  handle: ({ env, who, params: { classId, helpId }, body }) =>
    act(env, who, classId, { type: "help_release", helpId, ...whose(body.student_id) }),
});

const resolve = defineRoute({
  method: "post",
  path: "/api/v1/classes/:classId/help/:helpId/resolve",
  tag: "help",
  summary: "End a student's request for help",
  policy: staff,
  params,
  body: helpResolutionSchema,
  answer,
  handle({ env, who, params: { classId, helpId }, body: { student_id, note } }) {
    const about = { ...whose(student_id), ...(note !== undefined && { note }) };
    return act(env, who, classId, { type: "help_resolve", helpId, ...about });
  },
});

export const helpRoutes: readonly Route[] = [list, claim, release, resolve];
