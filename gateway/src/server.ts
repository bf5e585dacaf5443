import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";

import type { InfluxTarget } from "./influx/target.ts";
import { influxRoutes } from "./influx/route.ts";
import { type Log, messageOf } from "./log.ts";
import type { Database } from "./postgres/database.ts";
import type { Credentials } from "./postgres/request.ts";
import { sqlRoute } from "./postgres/route.ts";

export interface AppOptions {
  readonly database: Database;
  readonly credentials: Credentials;
  readonly requestTimeoutMs: number;
  readonly influx: InfluxTarget;
  readonly influxToken: string;
  readonly log: Log;
}

/** All protocols the gateway speaks, on one app: each has routes of its own. */
export function createApp(options: AppOptions): Hono {
  const { database, credentials, requestTimeoutMs, influx, influxToken, log } = options;
  const app = new Hono();
  app.get("/health", (c) => c.json({ name: "cell-monitor-gateway", status: "pass" }));
  app.route("/", sqlRoute({ database, credentials, requestTimeoutMs, maxBodyBytes: MAX_SQL_BYTES }));
  app.route("/", influxRoutes({ target: influx, token: influxToken, maxBodyBytes: MAX_INFLUX_BYTES }));
  app.notFound((c) => c.json({ code: "not found", message: "there is nothing here" }, 404));
  app.onError((error, c) => {
    if (error instanceof HTTPException) return c.json({ message: error.message }, error.status);
    log("request_failed", { method: c.req.method, path: c.req.path, message: messageOf(error) });
    return c.json({ code: "internal error", message: "the gateway failed; its log says why" }, 500);
  });
  return app;
}

/** Neon's own bound. */
const MAX_SQL_BYTES = 64 * 1024 * 1024;
const MAX_INFLUX_BYTES = 50 * 1024 * 1024;
