import { pageSchema, refusalResponse } from "@cell-monitor/protocol";
import { classClaimsOf, type Principal } from "../auth/claims.ts";
import { completenessOf } from "../classrooms.ts";
import { readQuery } from "../middleware/read-query.ts";
import type { AppContext, Route } from "./route.ts";

async function show(c: AppContext, who: Principal): Promise<Response> {
  const page = readQuery(c, pageSchema);
  if (!page.ok) return refusalResponse(page.refusal);
  const classId = c.req.param("classId") ?? "";
  const answer = await completenessOf(c.env, classId, classClaimsOf(who, classId), page.value);
  if (!answer.ok) return refusalResponse(answer.refusal);
  c.header("x-total-count", String(answer.value.totals.students));
  return c.json(answer.value);
}

export const completenessRoutes: readonly Route[] = [
  {
    method: "get",
    path: "/api/v1/classes/:classId/completeness",
    policy: { kind: "roles", roles: ["instructor", "ta", "admin"], classParameter: "classId" },
    handle: show,
  },
];
