import { refusalResponse, refuse } from "@cell-monitor/protocol";
import * as v from "valibot";
import { checkConfig } from "../env.ts";
import { query } from "../queries/database.ts";
import type { AppContext, Route } from "./route.ts";

const policy = { kind: "health" } as const;

function health(c: AppContext): Response {
  const config = checkConfig(c.env);
  return config.ok ? c.json({ status: "healthy" }) : refusalResponse(config.refusal);
}

async function database(c: AppContext): Promise<Response> {
  const startMs = Date.now();
  try {
    await query(c.env, v.unknown(), "SELECT 1", []);
    return c.json({
      status: "healthy",
      response_time_ms: Date.now() - startMs,
      details: "The database answers.",
    });
  } catch {
    return refusalResponse(
      refuse("unavailable", "The database does not answer.", { retryAfterMs: 5_000 }).refusal,
    );
  }
}

async function ready(c: AppContext): Promise<Response> {
  const config = checkConfig(c.env);
  return config.ok ? database(c) : refusalResponse(config.refusal);
}

export const healthRoutes: readonly Route[] = [
  { method: "get", path: "/health", policy, handle: health },
  { method: "get", path: "/api/v1/health", policy, handle: health },
  { method: "get", path: "/api/v1/health/database", policy, handle: database },
  { method: "get", path: "/api/v1/health/ready", policy, handle: ready },
];
