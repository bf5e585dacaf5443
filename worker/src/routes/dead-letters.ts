import { deadLetterQuerySchema, refusalResponse, replayRequestSchema } from "@cell-monitor/protocol";
import { classClaimsOf, type Principal } from "../auth/claims.ts";
import { deadLettersOf, replayDeadLetters } from "../classrooms.ts";
import { readBody } from "../middleware/read-body.ts";
import { readQuery } from "../middleware/read-query.ts";
import type { AppContext, Route } from "./route.ts";

async function list(c: AppContext, who: Principal): Promise<Response> {
  const query = readQuery(c, deadLetterQuerySchema);
  if (!query.ok) return refusalResponse(query.refusal);
  const classId = c.req.param("classId") ?? "";
  const withEvents = who.role === "admin";
  const page = await deadLettersOf(c.env, classId, classClaimsOf(who, classId), {
    ...query.value,
    withEvents,
  });
  if (!page.ok) return refusalResponse(page.refusal);
  c.header("x-total-count", String(page.value.total));
  return c.json(page.value.letters);
}

async function replay(c: AppContext, who: Principal): Promise<Response> {
  const body = await readBody(c, replayRequestSchema);
  if (!body.ok) return refusalResponse(body.refusal);
  const classId = c.req.param("classId") ?? "";
  const answer = await replayDeadLetters(c.env, classId, classClaimsOf(who, classId), body.value);
  return answer.ok ? c.json(answer.value) : refusalResponse(answer.refusal);
}

export const deadLetterRoutes: readonly Route[] = [
  {
    method: "get",
    path: "/api/v1/classes/:classId/dead-letters",
    policy: { kind: "roles", roles: ["instructor", "admin"], classParameter: "classId" },
    handle: list,
  },
  {
    method: "post",
    path: "/api/v1/classes/:classId/dead-letters/replay",
    policy: { kind: "roles", roles: ["admin"], classParameter: "classId" },
    handle: replay,
  },
];
