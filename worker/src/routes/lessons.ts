import {
  accept,
  createdId,
  lessonCreateSchema,
  lessonListQuerySchema,
  type LessonResponse,
  lessonResponseSchema,
  lessonUpdateSchema,
  refuse,
  type Result,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import type { Granted } from "../auth/claims.ts";
import { tellClass } from "../classrooms.ts";
import type { Env } from "../env.ts";
import { stateOf } from "../lessons/steps.ts";
import { wantedVersion } from "../middleware/if-match.ts";
import type { Database } from "../queries/database.ts";
import { type LessonRow, lessons } from "../queries/lessons.ts";
import { answered } from "./answer.ts";
import { defineRoute } from "./define-route.ts";
import { hasRoom, mayName } from "./of-class.ts";
import type { Route } from "./route.ts";

const everyone = ["student", "instructor", "ta", "admin", "researcher"] as const;
const owners = ["instructor", "admin"] as const;
const mostLessons = 500;
const noSuchLesson = refuse("not_found", "There is no such lesson.");

function lessonAnswer(row: LessonRow): LessonResponse {
  const breaks = row.breaks.map(([fromMs, toMs]) => ({
    started_at: new Date(fromMs).toISOString(),
    ended_at: toMs === undefined ? null : new Date(toMs).toISOString(),
  }));
  return { ...row, state: stateOf(row), breaks };
}

/** Answers a lesson once the class knows of it. */
export async function toldLesson(env: Env, changed: Result<LessonRow>) {
  if (!changed.ok) return changed;
  const { class_id: classId, version } = changed.value;
  const told = await tellClass(env, classId);
  return told.ok ? accept(answered(lessonAnswer(changed.value), { version })) : told;
}

async function roomForOne(db: Database, granted: Granted, classId: string): Promise<Result<true>> {
  const { total } = await lessons.list(db, granted, { skip: 0, limit: 1 }, { class_id: classId });
  return hasRoom(total, mostLessons, "lessons");
}

const create = defineRoute({
  method: "post",
  path: "/api/v1/lessons",
  tag: "lessons",
  summary: "Plan a lesson",
  policy: { kind: "roles", roles: owners },
  body: lessonCreateSchema,
  answer: { status: 201, schema: lessonResponseSchema, isVersioned: true },
  async handle({ db, granted, body }) {
    const named = mayName(granted, body.class_id);
    if (!named.ok) return named;
    const room = await roomForOne(db, granted, body.class_id);
    if (!room.ok) return room;
    const made = await lessons.insert(db, { ...body, id: createdId(Date.now()) });
    if (!made.ok) return made;
    return accept(answered(lessonAnswer(made.value), { version: made.value.version }));
  },
});

const list = defineRoute({
  method: "get",
  path: "/api/v1/lessons",
  tag: "lessons",
  summary: "The lessons of one's classes, the latest first",
  policy: { kind: "roles", roles: everyone },
  query: lessonListQuerySchema,
  answer: { status: 200, schema: v.array(lessonResponseSchema), isList: true },
  async handle({ db, granted, query: { skip, limit, class_id } }) {
    const { rows, total } = await lessons.list(db, granted, { skip, limit }, { class_id });
    return accept(answered(rows.map(lessonAnswer), { total }));
  },
});

const show = defineRoute({
  method: "get",
  path: "/api/v1/lessons/:lessonId",
  tag: "lessons",
  summary: "A lesson",
  policy: { kind: "roles", roles: everyone },
  answer: { status: 200, schema: lessonResponseSchema, isVersioned: true },
  async handle({ db, granted, params: { lessonId } }) {
    const row = await lessons.find(db, granted, lessonId);
    return row ? accept(answered(lessonAnswer(row), { version: row.version })) : noSuchLesson;
  },
});

const change = defineRoute({
  method: "put",
  path: "/api/v1/lessons/:lessonId",
  tag: "lessons",
  summary: "Change what is named of a lesson",
  policy: { kind: "roles", roles: owners },
  body: lessonUpdateSchema,
  answer: { status: 200, schema: lessonResponseSchema, isVersioned: true },
  async handle({ c, env, db, granted, params: { lessonId }, body }) {
    const wanted = wantedVersion(c);
    if (!wanted.ok) return wanted;
    return toldLesson(env, await lessons.update(db, granted, lessonId, body, { version: wanted.value }));
  },
});

const remove = defineRoute({
  method: "delete",
  path: "/api/v1/lessons/:lessonId",
  tag: "lessons",
  summary: "Remove a lesson; what students did in it stays",
  policy: { kind: "roles", roles: owners },
  answer: { status: 200, schema: lessonResponseSchema },
  async handle({ c, env, db, granted, params: { lessonId } }) {
    const wanted = wantedVersion(c);
    if (!wanted.ok) return wanted;
    const removed = await lessons.remove(db, granted, lessonId, { version: wanted.value });
    const told = await toldLesson(env, removed);
    return told.ok ? accept(answered(told.value.value)) : told;
  },
});

export const lessonRoutes: readonly Route[] = [create, list, show, change, remove];
