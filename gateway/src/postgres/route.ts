import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";

import { sameSecret } from "../secret.ts";
import { runStatement, runTransaction, type StatementResult } from "./batch.ts";
import type { Database } from "./database.ts";
import { describeFailure, refusal } from "./errors.ts";
import { type Credentials, parseCredentials, parseSqlRequest, type SqlRequest } from "./request.ts";

export interface SqlRouteOptions {
  readonly database: Database;
  readonly credentials: Credentials;
  readonly requestTimeoutMs: number;
  readonly maxBodyBytes: number;
}

/** `POST /sql` as Neon's serverless driver uses it. */
export function sqlRoute(options: SqlRouteOptions): Hono {
  const { database, credentials, requestTimeoutMs, maxBodyBytes } = options;
  const app = new Hono();
  app.use("/sql", async (c, next) => {
    const given = parseCredentials(c.req.raw.headers);
    if (given === undefined || !sameSecret(joined(given), joined(credentials))) {
      return c.json({ code: "28P01", message: "the connection string's user or password is wrong" }, 401);
    }
    return next();
  });
  app.use("/sql", bodyLimit({ maxSize: maxBodyBytes, onError: tooLarge }));
  app.post("/sql", async (c) => {
    const request = parseSqlRequest(c.req.raw.headers, await c.req.text());
    if ("problem" in request) return c.json(refusal("08P01", request.problem).body, 400);
    try {
      const body = await database.lease({ timeoutMs: requestTimeoutMs }, async (client) => {
        if (request.transaction === undefined) {
          const [statement] = request.statements;
          if (statement === undefined) throw new Error("a request without a transaction is one statement");
          return toJson(await runStatement(client, statement), request);
        }
        const results = await runTransaction(client, request.statements, request.transaction);
        return { results: results.map((result) => toJson(result, request)) };
      });
      const text = JSON.stringify(body);
      if (text.length > maxBodyBytes) return c.json({ message: "the answer is too large" }, 507);
      return c.body(text, 200, { "Content-Type": "application/json" });
    } catch (error) {
      const failure = describeFailure(error);
      if (failure === undefined) throw error;
      return c.json(failure.body, failure.status);
    }
  });
  return app;
}

function toJson({ command, rowCount, fields, rows }: StatementResult, { rowsAsArrays }: SqlRequest): object {
  return {
    command,
    rowCount,
    fields,
    rows: rowsAsArrays
      ? rows
      : rows.map((row) => Object.fromEntries(row.map((x, i) => [fields[i]?.name, x]))),
    rowAsArray: rowsAsArrays,
  };
}

function joined({ user, password }: Credentials): string {
  return JSON.stringify([user, password]);
}

function tooLarge(): never {
  throw new HTTPException(413, { message: "the request is too large" });
}
