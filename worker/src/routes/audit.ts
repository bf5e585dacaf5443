import { accept, auditEntrySchema, auditQuerySchema, pageSchema, refuse } from "@cell-monitor/protocol";
import * as v from "valibot";
import { onlyClass } from "../auth/claims.ts";
import { listAudit } from "../queries/audit.ts";
import { answered } from "./answer.ts";
import { defineRoute } from "./define-route.ts";
import type { Route } from "./route.ts";

const own = defineRoute({
  method: "get",
  path: "/api/v1/audit",
  tag: "privacy",
  summary: "Who looked at one's own work in the class, or exported the class's, the newest first",
  policy: { kind: "roles", roles: ["student"] },
  query: pageSchema,
  answer: { status: 200, schema: v.array(auditEntrySchema), isList: true },
  async handle({ db, who, query }) {
    const classId = onlyClass(who);
    if (classId === undefined) return refuse("forbidden", "The credential names no class.");
    const { rows, total } = await listAudit(db, classId, who.sub, query, true);
    return accept(answered(rows, { total }));
  },
});

const ofClass = defineRoute({
  method: "get",
  path: "/api/v1/classes/:classId/audit",
  tag: "privacy",
  summary: "Who looked at students' work, exported or erased, the newest first",
  policy: { kind: "roles", roles: ["admin"], classParameter: "classId" },
  query: auditQuerySchema,
  answer: { status: 200, schema: v.array(auditEntrySchema), isList: true },
  async handle({ db, params: { classId }, query: { student_id, ...page } }) {
    const { rows, total } = await listAudit(db, classId, student_id, page);
    return accept(answered(rows, { total }));
  },
});

export const auditRoutes: readonly Route[] = [own, ofClass];
