import { env } from "cloudflare:workers";
import { createExecutionContext } from "cloudflare:test";
import {
  bearerSchema,
  type ClassResponse,
  classResponseSchema,
  instructorResponseSchema,
  keyResponseSchema,
  studentCredentialSchema,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import { inject } from "vitest";
import { createApp } from "../src/app.ts";
import type { Env } from "../src/env.ts";
import { routes } from "../src/routes/table.ts";

declare module "cloudflare:workers" {
  namespace Cloudflare {
    interface Env extends WorkerEnv {}
  }
}
type WorkerEnv = Env;

export const origin = "https://class.example";
const app = createApp(routes);

export function testEnv(): Env {
  return { ...env, DATABASE_URL: inject("databaseUrl"), NEON_SQL_URL: inject("neonSqlUrl") };
}

export interface Call {
  readonly method?: string;
  readonly token?: string;
  /** Sent as JSON, unless it is text, bytes or a stream. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Asks the worker as a client would. */
export async function call(
  path: string,
  { method, token, body, headers = {} }: Call = {},
): Promise<Response> {
  const isRaw = typeof body === "string" || body instanceof Uint8Array || body instanceof ReadableStream;
  const init: RequestInit = {
    method: method ?? (body === undefined ? "GET" : "POST"),
    headers: {
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body !== undefined && { body: isRaw ? body : JSON.stringify(body) }),
  };
  return app.request(
    new Request(new URL(path, origin), init),
    undefined,
    testEnv(),
    createExecutionContext(),
  );
}

/** The answer's body, held against what the protocol says it is. */
export async function read<Schema extends v.GenericSchema>(
  response: Response,
  schema: Schema,
): Promise<v.InferOutput<Schema>> {
  const body: unknown = await response.json();
  const parsed = v.safeParse(schema, body);
  if (!parsed.success) throw new Error(`${response.status} ${JSON.stringify(body)}`);
  return parsed.output;
}

let sequence = 0;

export async function adminToken(): Promise<string> {
  const response = await call("/api/v1/auth/admin-token", { body: { adminKey: "a".repeat(43) } });
  return (await read(response, bearerSchema)).token;
}

export interface TestClass {
  readonly class: ClassResponse;
  readonly admin: string;
  /** With both scopes. */
  readonly key: string;
}

export async function newClass(settings: object = {}): Promise<TestClass> {
  const admin = await adminToken();
  sequence += 1;
  const body = { name: "Statistics", class_code: `ST-${Date.now()}-${sequence}`, ...settings };
  const created = await read(await call("/api/v1/classes", { token: admin, body }), classResponseSchema);
  const keys = await call(`/api/v1/classes/${created.id}/keys`, {
    token: admin,
    body: { scopes: ["mint", "ingest"] },
  });
  return { class: created, admin, key: (await read(keys, keyResponseSchema)).key };
}

export async function newStudent({ key }: TestClass, userId = crypto.randomUUID()) {
  const response = await call("/api/v1/auth/student-credential", { token: key, body: { userId } });
  return read(response, studentCredentialSchema);
}

export async function newInstructor({ class: { id }, admin }: TestClass) {
  const body = { email: `${crypto.randomUUID()}@class.example`, name: "Ada" };
  const invited = await call(`/api/v1/classes/${id}/instructors`, { token: admin, body });
  const instructor = await read(invited, instructorResponseSchema);
  const issued = await call(`/api/v1/classes/${id}/instructor-tokens`, {
    token: admin,
    body: { instructor_id: instructor.id },
  });
  return { ...instructor, token: (await read(issued, bearerSchema)).token };
}

export function newEvent(fields: object = {}) {
  return {
    eventId: crypto.randomUUID(),
    eventType: "activity",
    eventTime: new Date().toISOString(),
    ...fields,
  };
}
