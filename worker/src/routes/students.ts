import {
  accept,
  refuse,
  studentCreateSchema,
  studentIdOf,
  studentListQuerySchema,
  studentResponseSchema,
  studentUpdateSchema,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import { identityIssuer } from "../env.ts";
import { wantedVersion } from "../middleware/if-match.ts";
import { addStudent, changeStudent, findStudent, listStudents } from "../queries/students.ts";
import { answered } from "./answer.ts";
import { defineRoute } from "./define-route.ts";
import type { Route } from "./route.ts";

const admins = { kind: "roles", roles: ["admin"] } as const;

const list = defineRoute({
  method: "get",
  path: "/api/v1/students",
  tag: "people",
  summary: "Students, in whatever class",
  policy: admins,
  query: studentListQuerySchema,
  answer: { status: 200, schema: v.array(studentResponseSchema), isList: true },
  async handle({ db, query: { skip, limit, user_id, rostered } }) {
    const filters = {
      ...(user_id !== undefined && { user_id }),
      ...(rostered !== undefined && { rostered }),
    };
    const { rows, total } = await listStudents(db, { skip, limit }, filters);
    return accept(answered(rows, { total }));
  },
});

const create = defineRoute({
  method: "post",
  path: "/api/v1/students",
  tag: "people",
  summary: "Write down who a student is",
  description:
    "Of one of whom events have told already, too. What is written down counts over what events say.",
  policy: admins,
  body: studentCreateSchema,
  answer: { status: 201, schema: studentResponseSchema, isVersioned: true },
  async handle({ env, db, body: { user_id: subject, name, email } }) {
    const issuer = identityIssuer(env);
    const student = await addStudent(db, { id: studentIdOf(issuer, subject), issuer, subject, name, email });
    if (student) return accept(answered(student, { version: student.version }));
    return refuse("conflict", "There is one with this user_id already.", {
      details: [{ field: "user_id", message: "is taken" }],
    });
  },
});

const show = defineRoute({
  method: "get",
  path: "/api/v1/students/:studentId",
  tag: "people",
  summary: "A student",
  policy: admins,
  answer: { status: 200, schema: studentResponseSchema, isVersioned: true },
  async handle({ db, params: { studentId } }) {
    const student = await findStudent(db, studentId);
    if (!student) return refuse("not_found", "There is no such student.");
    return accept(answered(student, { version: student.version }));
  },
});

const change = defineRoute({
  method: "put",
  path: "/api/v1/students/:studentId",
  tag: "people",
  summary: "Change what is named of a student",
  policy: admins,
  body: studentUpdateSchema,
  answer: { status: 200, schema: studentResponseSchema, isVersioned: true },
  async handle({ c, db, params: { studentId }, body }) {
    const wanted = wantedVersion(c);
    if (!wanted.ok) return wanted;
    const changed = await changeStudent(db, studentId, body, wanted.value);
    return changed.ok ? accept(answered(changed.value, { version: changed.value.version })) : changed;
  },
});

export const studentRoutes: readonly Route[] = [list, create, show, change];
