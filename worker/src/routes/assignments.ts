import {
  accept,
  assignmentCreateSchema,
  assignmentListQuerySchema,
  assignmentResponseSchema,
  assignmentUpdateSchema,
  createdId,
  refuse,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import { wantedVersion } from "../middleware/if-match.ts";
import { assignments } from "../queries/assignments.ts";
import { answered } from "./answer.ts";
import { defineRoute } from "./define-route.ts";
import { mayName } from "./of-class.ts";
import type { Route } from "./route.ts";

const readers = ["student", "instructor", "ta", "admin", "researcher"] as const;
const owners = ["instructor", "admin"] as const;
const noSuchAssignment = refuse("not_found", "There is no such assignment.");

const create = defineRoute({
  method: "post",
  path: "/api/v1/assignments",
  tag: "assignments",
  summary: "Give an assignment",
  policy: { kind: "roles", roles: owners },
  body: assignmentCreateSchema,
  answer: { status: 201, schema: assignmentResponseSchema, isVersioned: true },
  async handle({ db, granted, body }) {
    const named = mayName(granted, body.class_id);
    if (!named.ok) return named;
    const made = await assignments.insert(db, { ...body, id: createdId(Date.now()) });
    return made.ok ? accept(answered(made.value, { version: made.value.version })) : made;
  },
});

const list = defineRoute({
  method: "get",
  path: "/api/v1/assignments",
  tag: "assignments",
  summary: "The assignments of one's classes, the next due first",
  policy: { kind: "roles", roles: readers },
  query: assignmentListQuerySchema,
  answer: { status: 200, schema: v.array(assignmentResponseSchema), isList: true },
  async handle({ db, granted, query: { skip, limit, class_id } }) {
    const { rows, total } = await assignments.list(db, granted, { skip, limit }, { class_id });
    return accept(answered(rows, { total }));
  },
});

const show = defineRoute({
  method: "get",
  path: "/api/v1/assignments/:assignmentId",
  tag: "assignments",
  summary: "An assignment",
  policy: { kind: "roles", roles: readers },
  answer: { status: 200, schema: assignmentResponseSchema, isVersioned: true },
  async handle({ db, granted, params }) {
    const row = await assignments.find(db, granted, params.assignmentId);
    return row ? accept(answered(row, { version: row.version })) : noSuchAssignment;
  },
});

const change = defineRoute({
  method: "put",
  path: "/api/v1/assignments/:assignmentId",
  tag: "assignments",
  summary: "Change what is named of an assignment",
  policy: { kind: "roles", roles: owners },
  body: assignmentUpdateSchema,
  answer: { status: 200, schema: assignmentResponseSchema, isVersioned: true },
  async handle({ c, db, granted, params, body }) {
    const wanted = wantedVersion(c);
    if (!wanted.ok) return wanted;
    const changed = await assignments.update(db, granted, params.assignmentId, body, {
      version: wanted.value,
    });
    return changed.ok ? accept(answered(changed.value, { version: changed.value.version })) : changed;
  },
});

const remove = defineRoute({
  method: "delete",
  path: "/api/v1/assignments/:assignmentId",
  tag: "assignments",
  summary: "Take an assignment back, and with it all that was handed in",
  policy: { kind: "roles", roles: owners },
  answer: { status: 200, schema: assignmentResponseSchema },
  async handle({ c, db, granted, params }) {
    const wanted = wantedVersion(c);
    if (!wanted.ok) return wanted;
    const removed = await assignments.remove(db, granted, params.assignmentId, { version: wanted.value });
    return removed.ok ? accept(answered(removed.value)) : removed;
  },
});

export const assignmentRoutes: readonly Route[] = [create, list, show, change, remove];
