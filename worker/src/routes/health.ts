import { accept, databaseHealthSchema, healthSchema, type Result } from "@cell-monitor/protocol";
import { checkConfig, type Env } from "../env.ts";
import { databaseHealth } from "../health/database-health.ts";
import { type Answered, answered } from "./answer.ts";
import { defineOpenRoute } from "./define-route.ts";
import type { AppContext, Route } from "./route.ts";

const policy = { kind: "health" } as const;

function health(env: Env): Result<Answered<{ status: "healthy" }>> {
  const config = checkConfig(env);
  return config.ok ? accept(answered({ status: "healthy" })) : config;
}

async function database(c: AppContext) {
  const found = await databaseHealth(c.env, (work) => c.executionCtx.waitUntil(work));
  return found.ok ? accept(answered(found.value)) : found;
}

const summary = "Whether the worker is set up";
const answer = { status: 200, schema: healthSchema } as const;
const databaseAnswer = { status: 200, schema: databaseHealthSchema } as const;

export const healthRoutes: readonly Route[] = [
  defineOpenRoute({
    method: "get",
    path: "/health",
    tag: "operations",
    summary,
    policy,
    answer,
    handle: ({ env }) => health(env),
  }),
  defineOpenRoute({
    method: "get",
    path: "/api/v1/health",
    tag: "operations",
    summary,
    policy,
    answer,
    handle: ({ env }) => health(env),
  }),
  defineOpenRoute({
    method: "get",
    path: "/api/v1/health/database",
    tag: "operations",
    summary: "Whether the database answers, or did a few seconds ago",
    policy,
    answer: databaseAnswer,
    handle: ({ c }) => database(c),
  }),
  defineOpenRoute({
    method: "get",
    path: "/api/v1/health/ready",
    tag: "operations",
    summary: "Whether the worker is set up and its database answers",
    policy,
    answer: databaseAnswer,
    handle: ({ c, env }) => {
      const config = checkConfig(env);
      return config.ok ? database(c) : config;
    },
  }),
];
