import { accept, completenessSchema, pageSchema } from "@cell-monitor/protocol";
import { classClaimsOf } from "../auth/claims.ts";
import { completenessOf } from "../classrooms.ts";
import { answered } from "./answer.ts";
import { defineRoute } from "./define-route.ts";
import type { Route } from "./route.ts";

const show = defineRoute({
  method: "get",
  path: "/api/v1/classes/:classId/completeness",
  tag: "insight",
  summary: "Which of its students' events a class has, and which it misses",
  policy: { kind: "roles", roles: ["instructor", "ta", "admin"], classParameter: "classId" },
  query: pageSchema,
  answer: { status: 200, schema: completenessSchema, isList: true },
  async handle({ env, who, params: { classId }, query }) {
    const answer = await completenessOf(env, classId, classClaimsOf(who, classId), query);
    return answer.ok ? accept(answered(answer.value, { total: answer.value.totals.students })) : answer;
  },
});

export const completenessRoutes: readonly Route[] = [show];
