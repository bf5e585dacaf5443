import {
  accept,
  refuse,
  submissionCreateSchema,
  submissionListQuerySchema,
  submissionResponseSchema,
  type SubmissionSummary,
  submissionSummarySchema,
  submissionUpdateSchema,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import { onlyClass } from "../auth/claims.ts";
import { wantedVersion } from "../middleware/if-match.ts";
import { audit } from "../privacy/audit.ts";
import { assignments } from "../queries/assignments.ts";
import { handIn, submissions, submissionsWithContent } from "../queries/submissions.ts";
import { ofVisibleStudents } from "../queries/visible-students.ts";
import { tellSubmissions } from "../submissions/tell-class.ts";
import { tellGrade } from "../submissions/tell-student.ts";
import { answered } from "./answer.ts";
import { defineRoute } from "./define-route.ts";
import type { Route } from "./route.ts";

const readers = ["student", "instructor", "ta", "admin"] as const;
const graders = ["instructor", "ta", "admin"] as const;
const maxNotebookBytes = 10 * 1024 * 1024;
const envelopeBytes = 1024;
const table = "assignment_submissions";
const notTheirs = refuse("invalid_body", "The body is not right: student_id: is not who hands it in.", {
  details: [{ field: "student_id", message: "is not who hands it in" }],
});
const noSuchSubmission = refuse("not_found", "There is no such submission.");

const create = defineRoute({
  method: "post",
  path: "/api/v1/submissions",
  tag: "submissions",
  summary: "Hand in a notebook",
  description: "Again and again, if need be: each is an attempt of its own. Whose it is the credential says.",
  policy: { kind: "roles", roles: ["student"] },
  body: submissionCreateSchema,
  maxBodyBytes: maxNotebookBytes + envelopeBytes,
  answer: { status: 201, schema: submissionSummarySchema, isVersioned: true },
  async handle({ env, db, who, granted, body }) {
    const classId = onlyClass(who);
    if (classId === undefined) return refuse("forbidden", "The credential names no class.");
    if (body.student_id !== undefined && body.student_id !== who.sub) return notTheirs;
    const made = await handIn(db, who, classId, body.assignment_id, body.notebook_content);
    if (!made.ok) return made;
    await tellSubmissions(env, db, who, classId);
    const row = await submissions.find(db, granted, made.value);
    return row ? accept(answered(row, { version: row.version })) : noSuchSubmission;
  },
});

const list = defineRoute({
  method: "get",
  path: "/api/v1/submissions",
  tag: "submissions",
  summary: "What was handed in, the latest first; a student's own",
  policy: { kind: "roles", roles: readers },
  query: submissionListQuerySchema,
  answer: { status: 200, schema: v.array(submissionSummarySchema), isList: true },
  async handle({ db, who, granted, query: { skip, limit, ...filters } }) {
    const scope = ofVisibleStudents(who, granted, table);
    const { rows, total } = await submissions.list(db, scope, { skip, limit }, filters);
    return accept(answered(rows, { total }));
  },
});

const show = defineRoute({
  method: "get",
  path: "/api/v1/submissions/:submissionId",
  tag: "submissions",
  summary: "A submission with its notebook",
  policy: { kind: "roles", roles: readers },
  answer: { status: 200, schema: submissionResponseSchema, isVersioned: true },
  async handle({ db, who, granted, params }) {
    const scope = ofVisibleStudents(who, granted, table);
    const row = await submissionsWithContent.find(db, scope, params.submissionId);
    if (row)
      await audit(db, {
        who,
        action: "looked_at_submission",
        classId: row.class_id,
        studentId: row.student_id,
        details: { submission_id: row.id },
      });
    return row ? accept(answered(row, { version: row.version })) : noSuchSubmission;
  },
});

/** Whether a change is one that its student waits for: a grade, or what is said of it. */
function tellsGrade(change: object, { status, grade }: SubmissionSummary): boolean {
  return Object.keys(change).length > 0 && grade !== null && status !== "submitted";
}

const grade = defineRoute({
  method: "put",
  path: "/api/v1/submissions/:submissionId",
  tag: "submissions",
  summary: "Grade a submission; its student is told",
  policy: { kind: "roles", roles: graders },
  body: submissionUpdateSchema,
  answer: { status: 200, schema: submissionSummarySchema, isVersioned: true },
  async handle({ c, env, db, who, granted, params, body }) {
    const wanted = wantedVersion(c);
    if (!wanted.ok) return wanted;
    const isGraded = typeof body.grade === "number";
    const given = {
      ...body,
      status: body.status ?? (isGraded ? "graded" : undefined),
      ...(Object.keys(body).length > 0 && { graded_at: new Date().toISOString(), graded_by: who.sub }),
    };
    const scope = ofVisibleStudents(who, granted, table);
    const changed = await submissions.update(db, scope, params.submissionId, given, {
      version: wanted.value,
    });
    if (!changed.ok) return changed;
    if (tellsGrade(body, changed.value)) {
      const assignment = await assignments.find(db, granted, changed.value.assignment_id);
      await tellGrade(env, who, changed.value, assignment?.title);
    }
    return accept(answered(changed.value, { version: changed.value.version }));
  },
});

const remove = defineRoute({
  method: "delete",
  path: "/api/v1/submissions/:submissionId",
  tag: "submissions",
  summary: "Remove a submission",
  policy: { kind: "roles", roles: ["instructor", "admin"] },
  answer: { status: 200, schema: submissionSummarySchema },
  async handle({ c, db, granted, params }) {
    const wanted = wantedVersion(c);
    if (!wanted.ok) return wanted;
    const removed = await submissions.remove(db, granted, params.submissionId, { version: wanted.value });
    return removed.ok ? accept(answered(removed.value)) : removed;
  },
});

export const submissionRoutes: readonly Route[] = [create, list, show, grade, remove];
