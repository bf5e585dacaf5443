import { accept, databaseHealthSchema, healthSchema, refuse, type Result } from "@cell-monitor/protocol";
import * as v from "valibot";
import { checkConfig, type Env } from "../env.ts";
import { query } from "../queries/database.ts";
import { type Answered, answered } from "./answer.ts";
import { defineOpenRoute } from "./define-route.ts";
import type { Route } from "./route.ts";

const policy = { kind: "health" } as const;

function health(env: Env): Result<Answered<{ status: "healthy" }>> {
  const config = checkConfig(env);
  return config.ok ? accept(answered({ status: "healthy" })) : config;
}

type DatabaseHealth = v.InferOutput<typeof databaseHealthSchema>;

async function database(env: Env): Promise<Result<Answered<DatabaseHealth>>> {
  const startMs = Date.now();
  try {
    await query(env, v.unknown(), "SELECT 1", []);
  } catch {
    return refuse("unavailable", "The database does not answer.", { retryAfterMs: 5_000 });
  }
  const took = Date.now() - startMs;
  return accept(answered({ status: "healthy", response_time_ms: took, details: "The database answers." }));
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
    summary: "Whether the database answers",
    policy,
    answer: databaseAnswer,
    handle: ({ env }) => database(env),
  }),
  defineOpenRoute({
    method: "get",
    path: "/api/v1/health/ready",
    tag: "operations",
    summary: "Whether the worker is set up and its database answers",
    policy,
    answer: databaseAnswer,
    handle: ({ env }) => {
      const config = checkConfig(env);
      return config.ok ? database(env) : config;
    },
  }),
];
