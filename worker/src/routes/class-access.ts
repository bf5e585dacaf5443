import { accept, instructorCreateSchema, instructorResponseSchema, refuse } from "@cell-monitor/protocol";
import { findClass } from "../queries/classes.ts";
import { addInstructor } from "../queries/people.ts";
import { answered } from "./answer.ts";
import { defineRoute } from "./define-route.ts";
import type { Route } from "./route.ts";

const invite = defineRoute({
  method: "post",
  path: "/api/v1/classes/:classId/instructors",
  tag: "people",
  summary: "Add an instructor to a class",
  policy: { kind: "roles", roles: ["admin"], classParameter: "classId" },
  body: instructorCreateSchema,
  answer: { status: 201, schema: instructorResponseSchema },
  async handle({ env, params: { classId }, body }) {
    if (!(await findClass(env, classId))) return refuse("class_not_found", "There is no such class.");
    const added = await addInstructor(env, classId, body.email, body.name);
    if (!added) throw new Error("The database returned no instructor.");
    return accept(answered(added));
  },
});

export const classAccessRoutes: readonly Route[] = [invite];
