import type { ClassroomNamespace, TestCaptureNamespace } from "@cell-monitor/durable-objects";
import { env } from "cloudflare:workers";
import { createExecutionContext, runInDurableObject } from "cloudflare:test";
import {
  bearerSchema,
  type ClassResponse,
  classResponseSchema,
  type ErrorCode,
  errorStatus,
  type EventsAnswer,
  eventsAnswerSchema,
  eventSchema,
  instructorResponseSchema,
  keyResponseSchema,
  studentCredentialSchema,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import { expect, inject } from "vitest";
import { createApp } from "../src/app.ts";
import type { Env } from "../src/env.ts";
import { routes } from "../src/routes/table.ts";
import { breachesOf } from "./contract.ts";

declare module "cloudflare:workers" {
  namespace Cloudflare {
    interface Env extends WorkerEnv {
      CLASSROOM: DurableObjectNamespace & ClassroomNamespace;
      TEST_CAPTURE: DurableObjectNamespace & TestCaptureNamespace;
    }
  }
}
type WorkerEnv = Omit<Env, "CLASSROOM" | "TEST_CAPTURE">;

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
  /** Over those of the suite. */
  readonly env?: Partial<Env>;
}

/** Asks the worker as a client would, and holds what it answers against the API's description. */
export async function call(
  path: string,
  { method, token, body, headers = {}, env = {} }: Call = {},
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
  const request = new Request(new URL(path, origin), init);
  const response = await app.request(request, undefined, { ...testEnv(), ...env }, createExecutionContext());
  const breaches = await breachesOf(request.method, request.url, response);
  if (breaches.length > 0) throw new Error(`The API's description is not kept to: ${breaches.join("; ")}`);
  return response;
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

async function adminToken(): Promise<string> {
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

const refusalSchema = v.strictObject({
  error: v.strictObject({
    code: v.custom<ErrorCode>((code) => typeof code === "string" && Object.hasOwn(errorStatus, code)),
    message: v.pipe(v.string(), v.minLength(1)),
    details: v.optional(v.unknown()),
  }),
});

/** The refusal of an answer, which is held against the shape and the status that all refusals have. */
export async function refusalOf(response: Response) {
  const text = await response.text();
  expect(response.headers.get("content-type")).toMatch(/^application\/json/);
  const { error } = v.parse(refusalSchema, JSON.parse(text));
  expect({ code: error.code, status: response.status }).toEqual({
    code: error.code,
    status: errorStatus[error.code],
  });
  expect(text).not.toMatch(/\.[cm]?[jt]s:\d|\\n\s+at /);
  if (response.status === 429 || response.status === 503) {
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
  }
  return error;
}

export async function codeOf(response: Response): Promise<ErrorCode> {
  return (await refusalOf(response)).code;
}

/** Posts events and answers what became of them; a refusal fails the test. */
export async function post(token: string, body: unknown): Promise<EventsAnswer> {
  return read(await call("/api/v1/events", { token, body }), eventsAnswerSchema);
}

/** What the class's log holds, oldest first. */
export function logged(classId: string): Promise<LoggedEvent[]> {
  return runInDurableObject(env.CLASSROOM.getByName(classId), (_, { storage: { sql } }) => {
    const tables = sql
      .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE name GLOB 'log_[0-9]*'")
      .toArray();
    const rows = tables.flatMap(({ name }) =>
      sql.exec<{ body: string }>(`SELECT body FROM ${name} WHERE first > 0 ORDER BY first`).toArray(),
    );
    return rows.flatMap(({ body }) => v.parse(logRowSchema, JSON.parse(body)).events);
  });
}

const logRowSchema = v.object({
  events: v.array(v.object({ s: v.string(), r: v.number(), t: v.number(), e: eventSchema })),
});
/** Student, arrival, time and event. */
export type LoggedEvent = v.InferOutput<typeof logRowSchema>["events"][number];

/** That a student's good event is still taken, and lands in the class's log. */
export async function expectStillTaken(classId: string, token: string): Promise<void> {
  const sent = newEvent();
  expect(await post(token, sent)).toMatchObject({ accepted: 1 });
  expect((await logged(classId)).at(-1)?.e.eventId).toBe(sent.eventId);
}
