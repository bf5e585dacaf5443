import { accept, classCreateSchema, classResponseSchema, refuse } from "@cell-monitor/protocol";
import * as v from "valibot";
import { newJoinCode } from "../auth/secrets.ts";
import { announceClass } from "../classrooms.ts";
import { createClass, findClass, listClasses } from "../queries/classes.ts";
import { answered } from "./answer.ts";
import { defineRoute } from "./define-route.ts";
import type { Route } from "./route.ts";

const create = defineRoute({
  method: "post",
  path: "/api/v1/classes",
  tag: "classes",
  summary: "Create a class",
  policy: { kind: "roles", roles: ["admin"] },
  body: classCreateSchema,
  answer: { status: 201, schema: classResponseSchema },
  async handle({ env, body }) {
    const created = await createClass(env, body, newJoinCode());
    if (!created.ok) return created;
    if (!created.value) throw new Error("The database returned no class.");
    await announceClass(env, created.value.id);
    return accept(answered(created.value));
  },
});

const list = defineRoute({
  method: "get",
  path: "/api/v1/classes",
  tag: "classes",
  summary: "The classes one may see",
  policy: { kind: "roles", roles: ["instructor", "ta", "admin"] },
  answer: { status: 200, schema: v.array(classResponseSchema), isList: true },
  async handle({ env, granted }) {
    const classes = await listClasses(env, granted.all ? undefined : granted.ids);
    return accept(answered(classes, { total: classes.length }));
  },
});

const show = defineRoute({
  method: "get",
  path: "/api/v1/classes/:classId",
  tag: "classes",
  summary: "A class",
  policy: { kind: "roles", roles: ["instructor", "ta", "admin"], classParameter: "classId" },
  answer: { status: 200, schema: classResponseSchema },
  async handle({ env, params }) {
    const found = await findClass(env, params.classId);
    return found ? accept(answered(found)) : refuse("class_not_found", "There is no such class.");
  },
});

export const classRoutes: readonly Route[] = [create, list, show];
