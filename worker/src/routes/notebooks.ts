import {
  accept,
  notebookCreateSchema,
  notebookListQuerySchema,
  notebookResponseSchema,
  notebookUpdateSchema,
  refuse,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import { wantedVersion } from "../middleware/if-match.ts";
import { notebookIdOf, notebooks } from "../queries/notebooks.ts";
import { answered } from "./answer.ts";
import { defineRoute } from "./define-route.ts";
import { mayName } from "./of-class.ts";
import type { Route } from "./route.ts";

const readers = ["student", "instructor", "ta", "admin", "researcher"] as const;
const owners = ["instructor", "admin"] as const;
const noSuchNotebook = refuse("not_found", "There is no such notebook.");

const create = defineRoute({
  method: "post",
  path: "/api/v1/notebooks",
  tag: "assignments",
  summary: "Name a notebook before a student has opened it",
  description: "Notebooks that students work in appear by themselves; the one at this path will be this one.",
  policy: { kind: "roles", roles: owners },
  body: notebookCreateSchema,
  answer: { status: 201, schema: notebookResponseSchema, isVersioned: true },
  async handle({ db, granted, body }) {
    const { class_id: classId, path, kernel_name } = body;
    const named = mayName(granted, classId);
    if (!named.ok) return named;
    const now = new Date().toISOString();
    const name = body.name ?? (path.slice(path.lastIndexOf("/") + 1) || path);
    const made = await notebooks.insert(db, {
      id: notebookIdOf(classId, path),
      class_id: classId,
      path,
      name,
      kernel_name,
      created_at: now,
      updated_at: now,
    });
    return made.ok ? accept(answered(made.value, { version: made.value.version })) : made;
  },
});

const list = defineRoute({
  method: "get",
  path: "/api/v1/notebooks",
  tag: "assignments",
  summary: "The notebooks of one's classes",
  policy: { kind: "roles", roles: readers },
  query: notebookListQuerySchema,
  answer: { status: 200, schema: v.array(notebookResponseSchema), isList: true },
  async handle({ db, granted, query: { skip, limit, class_id } }) {
    const { rows, total } = await notebooks.list(db, granted, { skip, limit }, { class_id });
    return accept(answered(rows, { total }));
  },
});

const show = defineRoute({
  method: "get",
  path: "/api/v1/notebooks/:notebookId",
  tag: "assignments",
  summary: "A notebook",
  policy: { kind: "roles", roles: readers },
  answer: { status: 200, schema: notebookResponseSchema, isVersioned: true },
  async handle({ db, granted, params }) {
    const row = await notebooks.find(db, granted, params.notebookId);
    return row ? accept(answered(row, { version: row.version })) : noSuchNotebook;
  },
});

const change = defineRoute({
  method: "put",
  path: "/api/v1/notebooks/:notebookId",
  tag: "assignments",
  summary: "Change what a notebook is called",
  policy: { kind: "roles", roles: owners },
  body: notebookUpdateSchema,
  answer: { status: 200, schema: notebookResponseSchema, isVersioned: true },
  async handle({ c, db, granted, params, body }) {
    const wanted = wantedVersion(c);
    if (!wanted.ok) return wanted;
    const changed = await notebooks.update(db, granted, params.notebookId, body, { version: wanted.value });
    return changed.ok ? accept(answered(changed.value, { version: changed.value.version })) : changed;
  },
});

const remove = defineRoute({
  method: "delete",
  path: "/api/v1/notebooks/:notebookId",
  tag: "assignments",
  summary: "Remove a notebook, and with it its assignments and what is known of its cells",
  policy: { kind: "roles", roles: ["admin"] },
  answer: { status: 200, schema: notebookResponseSchema },
  async handle({ c, db, granted, params }) {
    const wanted = wantedVersion(c);
    if (!wanted.ok) return wanted;
    const removed = await notebooks.remove(db, granted, params.notebookId, { version: wanted.value });
    return removed.ok ? accept(answered(removed.value)) : removed;
  },
});

export const notebookRoutes: readonly Route[] = [create, list, show, change, remove];
