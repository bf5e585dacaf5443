import {
  accept,
  activityQuerySchema,
  activitySchema,
  classStudentSchema,
  classStudentsQuerySchema,
  refuse,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import { type Principal, roleIn, sectionsOf } from "../auth/claims.ts";
import type { Env } from "../env.ts";
import { audit } from "../privacy/audit.ts";
import { pseudonymsOf, seesPseudonymsOnly } from "../privacy/pseudonyms.ts";
import type { Database } from "../queries/database.ts";
import { listActivity } from "../queries/insight/activity.ts";
import { listClassStudents, visibleIds } from "../queries/insight/students.ts";
import { answered } from "./answer.ts";
import { defineRoute } from "./define-route.ts";
import type { Route } from "./route.ts";

const staff = ["instructor", "ta", "admin", "researcher"] as const;
const noSuchClass = refuse("class_not_found", "There is no such class.");
const noSuchStudent = refuse("not_found", "The class has no such student.");
/** An id, or for a researcher a pseudonym. */
const studentParameter = v.pipe(
  v.string(),
  v.regex(/^(?:[0-9a-f]{16}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/),
);

const list = defineRoute({
  method: "get",
  path: "/api/v1/classes/:classId/students",
  tag: "insight",
  summary: "The students of a class with what they did so far",
  description:
    "By name; a researcher sees pseudonyms, in no telling order. A teaching assistant of sections sees their students.",
  policy: { kind: "roles", roles: staff, classParameter: "classId" },
  query: classStudentsQuerySchema,
  answer: { status: 200, schema: v.array(classStudentSchema), isList: true },
  async handle({ env, db, who, params: { classId }, query: { skip, limit, team_id, section_id } }) {
    const isBlind = seesPseudonymsOnly(who, classId);
    const seen = { classId, sections: sectionsOf(who, classId) };
    const pseudonym = pseudonymsOf(env, classId);
    const filters = { team_id, section_id, mixedBy: isBlind ? await pseudonym("order") : undefined };
    const found = await listClassStudents(db, seen, { skip, limit }, filters);
    if (!found) return noSuchClass;
    if (!isBlind) return accept(answered(found.rows, { total: found.total }));
    const shown = found.rows.map(async (row) => {
      const name = await pseudonym(row.student_id);
      // What a team is called somebody typed.
      return { ...row, student_id: name, name, team: null };
    });
    return accept(answered(await Promise.all(shown), { total: found.total }));
  },
});

/** Which student is meant, by their id or, where the asker knows no other, by their pseudonym. */
async function meant(
  env: Env,
  db: Database,
  who: Principal,
  classId: string,
  given: string,
): Promise<string | undefined> {
  if (!seesPseudonymsOnly(who, classId)) return given.includes("-") ? given : undefined;
  const pseudonym = pseudonymsOf(env, classId);
  const ids = (await visibleIds(db, { classId, sections: undefined })) ?? [];
  const names = await Promise.all(ids.map((id) => pseudonym(id)));
  return ids[names.indexOf(given)];
}

const activity = defineRoute({
  method: "get",
  path: "/api/v1/classes/:classId/students/:studentId/activity",
  tag: "insight",
  summary: "What a student did, the latest first; for students, what they did themselves",
  description: "Without code and output. That somebody else looked is noted.",
  policy: { kind: "roles", roles: ["student", ...staff], classParameter: "classId" },
  params: { studentId: studentParameter },
  query: activityQuerySchema,
  answer: { status: 200, schema: v.array(activitySchema), isList: true },
  async handle({ env, db, who, params: { classId, studentId: given }, query: { skip, limit, from, to } }) {
    const studentId = await meant(env, db, who, classId, given);
    const isOwn = studentId === who.sub;
    if (studentId === undefined || (roleIn(who, classId) === "student" && !isOwn)) return noSuchStudent;
    const seen = { classId, sections: sectionsOf(who, classId) };
    const found = await listActivity(db, seen, studentId, { from, to }, { skip, limit });
    // Of who has only just joined nothing has been written down yet.
    if (!found) return isOwn ? accept(answered([], { total: 0 })) : noSuchStudent;
    await audit(db, { who, action: "looked_at_activity", classId, studentId });
    const isBlind = seesPseudonymsOnly(who, classId);
    // What a kernel says may name anybody.
    const shown = found.rows.map((row) => (isBlind ? { ...row, error_message: null } : row));
    return accept(answered(shown, { total: found.total }));
  },
});

export const classStudentRoutes: readonly Route[] = [list, activity];
