import {
  accept,
  referenceQuerySchema,
  type ReferenceResponse,
  referenceResponseSchema,
  refuse,
} from "@cell-monitor/protocol";
import { tellClass } from "../classrooms.ts";
import { notebookSchema, referenceOf } from "../lessons/reference.ts";
import { findReference, type Reference, setReference } from "../queries/lessons.ts";
import { answered } from "./answer.ts";
import { defineRoute } from "./define-route.ts";
import type { Route } from "./route.ts";

const owners = ["instructor", "admin"] as const;
const maxNotebookBytes = 10 * 1024 * 1024;
const path = "/api/v1/lessons/:lessonId/reference";
const noSuchLesson = refuse("not_found", "There is no such lesson.");

function referenceAnswer({ id, notebook, cells }: Reference, leftOut: number): ReferenceResponse {
  const shown = (cells ?? []).map(({ index, cellId, gradeId, sourceHash, role }) => ({
    index,
    cell_id: cellId ?? null,
    grade_id: gradeId ?? null,
    source_hash: sourceHash ?? null,
    role,
  }));
  return { lesson_id: id, notebook, cells: shown, left_out: leftOut };
}

const show = defineRoute({
  method: "get",
  path,
  tag: "lessons",
  summary: "The cells that a lesson refers to",
  policy: { kind: "roles", roles: ["instructor", "ta", "admin"] },
  answer: { status: 200, schema: referenceResponseSchema },
  async handle({ db, granted, params: { lessonId } }) {
    const reference = await findReference(db, granted, lessonId);
    if (!reference) return noSuchLesson;
    return reference.cells === null
      ? refuse("not_found", "The lesson has no reference notebook.")
      : accept(answered(referenceAnswer(reference, 0)));
  },
});

const replace = defineRoute({
  method: "put",
  path,
  tag: "lessons",
  summary: "Give a lesson the notebook that students were handed",
  description:
    "The body is the notebook itself, format 4. Of it are kept the ids and hashes of its cells of code, and what each " +
    "is for, by its tags (exercise, check, scaffold, optional, raises-exception) or nbgrader's metadata; no text.",
  policy: { kind: "roles", roles: owners },
  query: referenceQuerySchema,
  body: notebookSchema,
  maxBodyBytes: maxNotebookBytes,
  answer: { status: 200, schema: referenceResponseSchema },
  async handle({ env, db, granted, params: { lessonId }, query: { notebook }, body }) {
    const { cells, leftOut } = referenceOf(body);
    const reference = await setReference(db, granted, lessonId, { notebook, cells });
    if (!reference) return noSuchLesson;
    const told = await tellClass(env, reference.class_id);
    return told.ok ? accept(answered(referenceAnswer(reference, leftOut))) : told;
  },
});

const remove = defineRoute({
  method: "delete",
  path,
  tag: "lessons",
  summary: "Have a lesson refer to no notebook",
  policy: { kind: "roles", roles: owners },
  answer: { status: 200, schema: referenceResponseSchema },
  async handle({ env, db, granted, params: { lessonId } }) {
    const before = await findReference(db, granted, lessonId);
    if (!before) return noSuchLesson;
    const changed = await setReference(db, granted, lessonId, undefined);
    if (!changed) return noSuchLesson;
    const told = await tellClass(env, changed.class_id);
    return told.ok ? accept(answered(referenceAnswer(before, 0))) : told;
  },
});

export const lessonReferenceRoutes: readonly Route[] = [show, replace, remove];
