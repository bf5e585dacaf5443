import {
  accept,
  limits,
  refuse,
  type Result,
  rosterQuerySchema,
  rosterReportSchema,
  rosterRowSchema,
  studentIdOf,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import { tellClass } from "../classrooms.ts";
import { identityIssuer } from "../env.ts";
import { mediaTypeOf, readBytes, readMeasured } from "../middleware/read-body.ts";
import { findKnownClass, writeRoster } from "../queries/roster.ts";
import { planRoster } from "../roster/plan.ts";
import { type RawRoster, readCsv } from "../roster/read-csv.ts";
import { answered } from "./answer.ts";
import { defineRoute } from "./define-route.ts";
import type { AppContext, Route } from "./route.ts";

const mostRows = 5_000;

const listSchema = v.strictObject({ students: v.array(v.unknown()) });
const namedSchema = v.object({ user_id: rosterRowSchema.entries.user_id });

const importRoster = defineRoute({
  method: "post",
  path: "/api/v1/classes/:classId/roster",
  tag: "people",
  summary: "Take a roster into a class",
  description:
    "CSV as spreadsheets save it, its first line naming the columns user_id, name, email, team, section and role (or " +
    "学籍番号, 氏名, メール, チーム, クラス, 役割), in any order; or JSON, {students: [{user_id, name, …}]}. The answer " +
    "says of each row what became of it. A row that is not right is refused alone; who is not named stays.",
  policy: { kind: "roles", roles: ["instructor", "admin"], classParameter: "classId" },
  query: rosterQuerySchema,
  bodyContentType: "text/csv",
  maxBodyBytes: limits.batchBytes,
  answer: { status: 200, schema: rosterReportSchema },
  async handle({ c, env, db, granted, params: { classId }, query: { dry_run: isDryRun } }) {
    const roster = await readRoster(c);
    if (!roster.ok) return roster;
    const issuer = identityIssuer(env);
    const ids = roster.value.rows.flatMap(({ values }) => {
      const named = v.safeParse(namedSchema, values);
      return named.success ? [studentIdOf(issuer, named.output.user_id)] : [];
    });
    const known = await findKnownClass(db, granted, classId, ids);
    if (!known) return refuse("class_not_found", "There is no such class.");
    const plan = planRoster(roster.value, known, issuer);
    const report = { dry_run: isDryRun, ...plan.report };
    if (isDryRun || plan.students.length === 0) return accept(answered(report));
    await writeRoster(db, classId, plan, issuer);
    const told = await tellClass(env, classId);
    return told.ok ? accept(answered(report)) : told;
  },
});

async function readRoster(c: AppContext): Promise<Result<RawRoster>> {
  const read = mediaTypeOf(c) === "application/json" ? await readList(c) : await readFile(c);
  if (!read.ok || read.value.rows.length <= mostRows) return read;
  return refuse("invalid_body", `A roster has at most ${mostRows} rows.`, {
    details: [{ field: "students", message: `has more than ${mostRows} rows` }],
  });
}

async function readFile(c: AppContext): Promise<Result<RawRoster>> {
  const bytes = await readBytes(c, ["text/csv", "text/tab-separated-values", "application/vnd.ms-excel"]);
  return bytes.ok ? readCsv(bytes.value) : bytes;
}

async function readList(c: AppContext): Promise<Result<RawRoster>> {
  const body = await readMeasured(c);
  if (!body.ok) return body;
  const parsed = v.safeParse(listSchema, body.value.json);
  if (!parsed.success) {
    return refuse("invalid_body", "The body must be {students: [{user_id, name, …}]}.", {
      details: [{ field: "students", message: "must be a list" }],
    });
  }
  const rows = parsed.output.students.map((values, index) => ({ line: index + 1, values }));
  return accept({ rows, ignoredColumns: [] });
}

export const rosterRoutes: readonly Route[] = [importRoster];
