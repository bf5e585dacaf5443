import {
  accept,
  type ClassResponse,
  classCreateSchema,
  classListQuerySchema,
  classResponseSchema,
  classUpdateSchema,
  refuse,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import { type Principal, roleIn } from "../auth/claims.ts";
import { newJoinCode } from "../auth/secrets.ts";
import { announceClass, removeClass, tellClass } from "../classrooms.ts";
import { wantedVersion } from "../middleware/if-match.ts";
import { beginRemoval, finishRemoval, removeGrown } from "../queries/class-removal.ts";
import { classes, createClass } from "../queries/classes.ts";
import { staleVersion } from "../middleware/if-match.ts";
import { answered } from "./answer.ts";
import { defineRoute } from "./define-route.ts";
import type { Route } from "./route.ts";

const everyone = ["student", "instructor", "ta", "admin", "researcher"] as const;
const noSuchClass = refuse("class_not_found", "There is no such class.");

/** The code that opens a class is for who may hand it on. */
function shownTo(who: Principal, row: ClassResponse): ClassResponse {
  const role = roleIn(who, row.id);
  return role === "student" || role === "researcher" ? { ...row, join_code: null } : row;
}

const create = defineRoute({
  method: "post",
  path: "/api/v1/classes",
  tag: "classes",
  summary: "Create a class",
  policy: { kind: "roles", roles: ["admin"] },
  body: classCreateSchema,
  answer: { status: 201, schema: classResponseSchema, isVersioned: true },
  async handle({ env, db, body }) {
    const created = await createClass(db, body, newJoinCode());
    if (!created.ok) return created;
    await announceClass(env, created.value.id);
    return accept(answered(created.value, { version: created.value.version }));
  },
});

const list = defineRoute({
  method: "get",
  path: "/api/v1/classes",
  tag: "classes",
  summary: "The classes one may see",
  policy: { kind: "roles", roles: everyone },
  query: classListQuerySchema,
  answer: { status: 200, schema: v.array(classResponseSchema), isList: true },
  async handle({ db, granted, who, query }) {
    const { skip, limit, ...filters } = query;
    const { rows, total } = await classes.list(db, granted, { skip, limit }, filters);
    return accept(
      answered(
        rows.map((row) => shownTo(who, row)),
        { total },
      ),
    );
  },
});

const show = defineRoute({
  method: "get",
  path: "/api/v1/classes/:classId",
  tag: "classes",
  summary: "A class",
  policy: { kind: "roles", roles: everyone, classParameter: "classId" },
  answer: { status: 200, schema: classResponseSchema, isVersioned: true },
  async handle({ db, granted, who, params }) {
    const row = await classes.find(db, granted, params.classId);
    return row ? accept(answered(shownTo(who, row), { version: row.version })) : noSuchClass;
  },
});

const change = defineRoute({
  method: "put",
  path: "/api/v1/classes/:classId",
  tag: "classes",
  summary: "Change what is named of a class",
  description: "What the class collects and how it counts holds at once, for who is connected as well.",
  policy: { kind: "roles", roles: ["instructor", "admin"], classParameter: "classId" },
  body: classUpdateSchema,
  answer: { status: 200, schema: classResponseSchema, isVersioned: true },
  async handle({ c, env, db, granted, params: { classId }, body }) {
    const wanted = wantedVersion(c);
    if (!wanted.ok) return wanted;
    const changed = await classes.update(db, granted, classId, body, { version: wanted.value });
    if (!changed.ok) return changed.refusal.code === "not_found" ? noSuchClass : changed;
    const told = await tellClass(env, classId);
    return told.ok ? accept(answered(changed.value, { version: changed.value.version })) : told;
  },
});

const remove = defineRoute({
  method: "delete",
  path: "/api/v1/classes/:classId",
  tag: "classes",
  summary: "Remove a class with all that was recorded in it",
  description:
    "Its connections are closed, its credentials are void, and nothing of it can be brought back. To end a class " +
    "and keep it, set is_active to false. If the answer says that it was not finished, ask again.",
  policy: { kind: "roles", roles: ["admin"], classParameter: "classId" },
  answer: { status: 200, schema: classResponseSchema },
  async handle({ c, env, db, params: { classId } }) {
    const wanted = wantedVersion(c);
    if (!wanted.ok) return wanted;
    const begun = await beginRemoval(db, classId, wanted.value);
    if (!begun.is_there) return noSuchClass;
    if (!begun.is_marked) return staleVersion;
    // First of all the class's object, which would write rows again.
    const emptied = await removeClass(env, classId);
    if (!emptied.ok) return emptied;
    await removeGrown(db, classId);
    const removed = await finishRemoval(db, classId);
    return removed.ok ? accept(answered(removed.value)) : noSuchClass;
  },
});

export const classRoutes: readonly Route[] = [create, list, show, change, remove];
