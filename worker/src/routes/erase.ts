import {
  accept,
  type ErasureReceipt,
  erasureReceiptSchema,
  pageSchema,
  refuse,
  studentErasureSchema,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import { eraseStudent } from "../privacy/erase-student.ts";
import { classesOf, eraseStudentRow, listReceipts } from "../queries/erasure.ts";
import { answered } from "./answer.ts";
import { defineRoute } from "./define-route.ts";
import type { Route } from "./route.ts";

const admins = { kind: "roles", roles: ["admin"], classParameter: "classId", isHeavy: true } as const;

const fromClass = defineRoute({
  method: "post",
  path: "/api/v1/classes/:classId/students/:studentId/erase",
  tag: "privacy",
  summary: "Erase a student from a class, everywhere",
  description:
    "From the class's storage, PostgreSQL and InfluxDB. Connections are closed and credentials void, and nothing more is taken of them. Can be asked for again where it broke off. The receipt says what was erased, and what remains where.",
  policy: admins,
  refusals: ["conflict"],
  answer: { status: 200, schema: erasureReceiptSchema },
  async handle({ env, db, who, params: { classId, studentId } }) {
    const erased = await eraseStudent({ env, db, who }, classId, studentId);
    return erased.ok ? accept(answered(erased.value)) : erased;
  },
});

const fromAll = defineRoute({
  method: "delete",
  path: "/api/v1/students/:studentId",
  tag: "privacy",
  summary: "Erase a student from every class, everywhere",
  policy: { kind: "roles", roles: ["admin"], isHeavy: true },
  refusals: ["conflict"],
  answer: { status: 200, schema: studentErasureSchema },
  async handle({ env, db, who, params: { studentId } }) {
    const receipts: ErasureReceipt[] = [];
    for (const classId of await classesOf(db, studentId)) {
      const erased = await eraseStudent({ env, db, who }, classId, studentId);
      if (!erased.ok) return erased;
      receipts.push(erased.value);
    }
    const wasKnown = await eraseStudentRow(db, studentId);
    if (!wasKnown && receipts.length === 0) return refuse("not_found", "There is no such student.");
    return accept(answered({ receipts }));
  },
});

const list = defineRoute({
  method: "get",
  path: "/api/v1/classes/:classId/erasures",
  tag: "privacy",
  summary: "Receipts of what was erased from a class, the newest first",
  policy: admins,
  query: pageSchema,
  answer: { status: 200, schema: v.array(erasureReceiptSchema), isList: true },
  async handle({ db, params: { classId }, query }) {
    const { rows, total } = await listReceipts(db, classId, query);
    return accept(answered(rows, { total }));
  },
});

export const eraseRoutes: readonly Route[] = [fromClass, fromAll, list];
