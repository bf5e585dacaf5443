import {
  accept,
  enrolmentCreateSchema,
  enrolmentListQuerySchema,
  type EnrolmentResponse,
  enrolmentResponseSchema,
  enrolmentUpdateSchema,
  refuse,
  studentIdOf,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import { sectionsOf } from "../auth/claims.ts";
import { tellClass } from "../classrooms.ts";
import { type Env, identityIssuer } from "../env.ts";
import { staleVersion, wantedVersion } from "../middleware/if-match.ts";
import { findClass } from "../queries/classes.ts";
import {
  addEnrolment,
  changeEnrolment,
  countRostered,
  findEnrolment,
  listEnrolments,
  removeEnrolment,
} from "../queries/enrolments.ts";
import { rosterLimits } from "../roster/plan.ts";
import { answered } from "./answer.ts";
import { defineRoute } from "./define-route.ts";
import { hasRoom } from "./of-class.ts";
import type { Route } from "./route.ts";

const path = "/api/v1/classes/:classId/enrolments";
const pathOfOne = "/api/v1/classes/:classId/enrolments/:studentId";
const staff = { kind: "roles", roles: ["instructor", "ta", "admin"], classParameter: "classId" } as const;
const owners = { kind: "roles", roles: ["instructor", "admin"], classParameter: "classId" } as const;
const noSuchClass = refuse("class_not_found", "There is no such class.");
const noSuchEnrolment = refuse("not_found", "The class has no such student.");

/** Answers an enrolment once the class knows of it. */
async function told(env: Env, enrolment: EnrolmentResponse, isThere = true) {
  const heard = await tellClass(env, enrolment.class_id);
  return heard.ok ? accept(answered(enrolment, isThere ? { version: enrolment.version } : {})) : heard;
}

const list = defineRoute({
  method: "get",
  path,
  tag: "people",
  summary: "The students of a class, those who turned up as well",
  description: "A teaching assistant is shown the students of their own sections.",
  policy: staff,
  query: enrolmentListQuerySchema,
  answer: { status: 200, schema: v.array(enrolmentResponseSchema), isList: true },
  async handle({ env, db, who, params: { classId }, query: { skip, limit, ...filters } }) {
    const { rows, total } = await listEnrolments(db, classId, sectionsOf(who, classId), filters, {
      skip,
      limit,
    });
    if (total === 0 && !(await findClass(env, classId))) return noSuchClass;
    return accept(answered(rows, { total }));
  },
});

const create = defineRoute({
  method: "post",
  path,
  tag: "people",
  summary: "Put a student on a class's roster",
  policy: owners,
  body: enrolmentCreateSchema,
  answer: { status: 201, schema: enrolmentResponseSchema, isVersioned: true },
  async handle({ env, db, params: { classId }, body: { user_id: subject, ...given } }) {
    if (!(await findClass(env, classId))) return noSuchClass;
    const room = hasRoom(await countRostered(db, classId), rosterLimits.students, "students");
    if (!room.ok) return room;
    const issuer = identityIssuer(env);
    const { name, email, team_id, section_id, role } = given;
    const student = { id: studentIdOf(issuer, subject), issuer, subject, name, email };
    const added = await addEnrolment(db, classId, student, { team_id, section_id, role });
    if (!added.ok) return added;
    if (added.value) return told(env, added.value);
    return refuse("conflict", "The class has this student on its roster already.", {
      details: [{ field: "user_id", message: "is on the roster already" }],
    });
  },
});

const show = defineRoute({
  method: "get",
  path: pathOfOne,
  tag: "people",
  summary: "A student of a class",
  policy: staff,
  answer: { status: 200, schema: enrolmentResponseSchema, isVersioned: true },
  async handle({ db, who, params: { classId, studentId } }) {
    const row = await findEnrolment(db, classId, studentId, sectionsOf(who, classId));
    return row ? accept(answered(row, { version: row.version })) : noSuchEnrolment;
  },
});

const change = defineRoute({
  method: "put",
  path: pathOfOne,
  tag: "people",
  summary: "Change a student's team, section or role in a class",
  description: "Who had only turned up is on the roster with it.",
  policy: owners,
  body: enrolmentUpdateSchema,
  answer: { status: 200, schema: enrolmentResponseSchema, isVersioned: true },
  async handle({ c, env, db, params: { classId, studentId }, body }) {
    const wanted = wantedVersion(c);
    if (!wanted.ok) return wanted;
    const before = await findEnrolment(db, classId, studentId, undefined);
    if (!before) return noSuchEnrolment;
    if (Object.values(body).every((value) => value === undefined)) {
      if ((wanted.value ?? before.version) !== before.version) return staleVersion;
      return accept(answered(before, { version: before.version }));
    }
    const changed = await changeEnrolment(db, classId, studentId, body, wanted.value);
    if (!changed.ok) return changed;
    return changed.value ? told(env, changed.value) : staleVersion;
  },
});

const remove = defineRoute({
  method: "delete",
  path: pathOfOne,
  tag: "people",
  summary: "Take a student out of a class",
  description:
    "What the class gave them is void, and their connections are closed. What they did in it stays.",
  policy: owners,
  answer: { status: 200, schema: enrolmentResponseSchema },
  async handle({ c, env, db, params: { classId, studentId } }) {
    const wanted = wantedVersion(c);
    if (!wanted.ok) return wanted;
    if (!(await findEnrolment(db, classId, studentId, undefined))) return noSuchEnrolment;
    const removed = await removeEnrolment(db, classId, studentId, wanted.value);
    return removed ? told(env, removed, false) : staleVersion;
  },
});

export const enrolmentRoutes: readonly Route[] = [list, create, show, change, remove];
