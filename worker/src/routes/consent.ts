import {
  accept,
  consentChoiceSchema,
  consentRecordSchema,
  consentResponseSchema,
  pageSchema,
  refuse,
  type Result,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import { onlyClass, type Principal } from "../auth/claims.ts";
import { tellClass } from "../classrooms.ts";
import { choose, consentOf, listConsents } from "../queries/consent.ts";
import { isErased } from "../queries/erasure.ts";
import { answered } from "./answer.ts";
import { defineRoute } from "./define-route.ts";
import type { Route } from "./route.ts";

const students = { kind: "roles", roles: ["student"] } as const;
const erased = refuse(
  "forbidden",
  "The student was erased from the class, which takes nothing of them any more.",
);
const noSuchClass = refuse("class_not_found", "There is no such class.");

function classOf(who: Principal): Result<string> {
  const classId = onlyClass(who);
  return classId === undefined ? refuse("forbidden", "The credential names no class.") : accept(classId);
}

const show = defineRoute({
  method: "get",
  path: "/api/v1/consent",
  tag: "privacy",
  summary: "What a student is asked to share with the class, and what they chose",
  policy: students,
  refusals: ["class_not_found"],
  answer: { status: 200, schema: consentResponseSchema },
  async handle({ db, who }) {
    const classId = classOf(who);
    if (!classId.ok) return classId;
    const consent = await consentOf(db, classId.value, who.sub);
    return consent ? accept(answered(consent)) : noSuchClass;
  },
});

const change = defineRoute({
  method: "put",
  path: "/api/v1/consent",
  tag: "privacy",
  summary: "Choose whether to share with the class",
  description:
    "Of who refuses only that they are there, and that they ask for help, is taken. The choice can be changed at any time.",
  policy: students,
  body: consentChoiceSchema,
  refusals: ["class_not_found", "conflict"],
  answer: { status: 200, schema: consentResponseSchema },
  async handle({ env, db, who, body }) {
    const classId = classOf(who);
    if (!classId.ok) return classId;
    const isNoted = await choose(db, classId.value, who.sub, body);
    const consent = await consentOf(db, classId.value, who.sub);
    if (!consent) return noSuchClass;
    if (!isNoted && (await isErased(db, classId.value, who.sub))) return erased;
    if (!isNoted) return refuse("conflict", "The text is another by now; read it and choose again.");
    const told = await tellClass(env, classId.value);
    return told.ok ? accept(answered(consent)) : told;
  },
});

const list = defineRoute({
  method: "get",
  path: "/api/v1/classes/:classId/consents",
  tag: "privacy",
  summary: "Every choice that the students of a class made, the newest first",
  policy: { kind: "roles", roles: ["instructor", "admin"], classParameter: "classId" },
  query: pageSchema,
  answer: { status: 200, schema: v.array(consentRecordSchema), isList: true },
  async handle({ db, params: { classId }, query }) {
    const { rows, total } = await listConsents(db, classId, query);
    return accept(answered(rows, { total }));
  },
});

export const consentRoutes: readonly Route[] = [show, change, list];
