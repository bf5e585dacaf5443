import { Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";

import { sameSecret } from "../secret.ts";
import { influxAnswer, type InfluxTarget, type WriteAnswer } from "./target.ts";

export interface InfluxRouteOptions {
  readonly target: InfluxTarget;
  readonly token: string;
  readonly maxBodyBytes: number;
}

/** InfluxDB's write API, and what this gateway adds to look at what was written. */
export function influxRoutes({ target, token, maxBodyBytes }: InfluxRouteOptions): Hono {
  const app = new Hono();
  const onError = (): Response =>
    toResponse(influxAnswer(413, "request too large", "the request is too large"));
  app.on(["GET", "HEAD"], "/ping", (c) => c.body(null, 204));
  app.post("/api/v2/write", requireToken(token), bodyLimit({ maxSize: maxBodyBytes, onError }), async (c) => {
    const { org, bucket, precision = "ns" } = c.req.query();
    if (bucket === undefined || bucket === "") {
      return toResponse(influxAnswer(400, "invalid", "a bucket is required"));
    }
    const body = new Uint8Array(await c.req.arrayBuffer());
    const encoding = c.req.header("Content-Encoding");
    return toResponse(await target.write({ org, bucket, precision, body, encoding }));
  });
  app.get("/inspect/influx", requireToken(token), (c) => {
    const { measurement, limit = "1000" } = c.req.query();
    if (!/^[1-9]\d{0,5}$/.test(limit))
      return toResponse(influxAnswer(400, "invalid", "limit must be 1 to 999999"));
    const points = target
      .points()
      .filter((point) => measurement === undefined || point.measurement === measurement);
    return c.json({ total: points.length, points: points.slice(-Number(limit)) });
  });
  return app;
}

function requireToken(token: string): MiddlewareHandler {
  return async (c, next) => {
    const [scheme, given = ""] = (c.req.header("Authorization") ?? "").split(" ", 2);
    if (!/^(?:token|bearer)$/i.test(scheme ?? "") || !sameSecret(given, token)) {
      return toResponse(influxAnswer(401, "unauthorized", "unauthorized access"));
    }
    return next();
  };
}

function toResponse({ status, headers, body }: WriteAnswer): Response {
  return new Response(body === "" ? null : body, { status, headers });
}
