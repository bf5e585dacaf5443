import {
  accept,
  deadLetterListSchema,
  deadLetterQuerySchema,
  replayRequestSchema,
  replayResponseSchema,
} from "@cell-monitor/protocol";
import { classClaimsOf } from "../auth/claims.ts";
import { deadLettersOf, replayDeadLetters } from "../classrooms.ts";
import { answered } from "./answer.ts";
import { defineRoute } from "./define-route.ts";
import type { Route } from "./route.ts";

const list = defineRoute({
  method: "get",
  path: "/api/v1/classes/:classId/dead-letters",
  tag: "operations",
  summary: "Events that a store refused for good",
  policy: { kind: "roles", roles: ["instructor", "admin"], classParameter: "classId" },
  query: deadLetterQuerySchema,
  answer: { status: 200, schema: deadLetterListSchema, isList: true },
  async handle({ env, who, params: { classId }, query }) {
    const asked = { ...query, withEvents: who.role === "admin" };
    const page = await deadLettersOf(env, classId, classClaimsOf(who, classId), asked);
    return page.ok ? accept(answered([...page.value.letters], { total: page.value.total })) : page;
  },
});

const replay = defineRoute({
  method: "post",
  path: "/api/v1/classes/:classId/dead-letters/replay",
  tag: "operations",
  summary: "Offer refused events to their stores again",
  policy: { kind: "roles", roles: ["admin"], classParameter: "classId" },
  body: replayRequestSchema,
  answer: { status: 200, schema: replayResponseSchema },
  async handle({ env, who, params: { classId }, body }) {
    const answer = await replayDeadLetters(env, classId, classClaimsOf(who, classId), body);
    return answer.ok ? accept(answered(answer.value)) : answer;
  },
});

export const deadLetterRoutes: readonly Route[] = [list, replay];
