import { randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  bearerSchema,
  classResponseSchema,
  instructorResponseSchema,
  keyResponseSchema,
  studentCredentialSchema,
} from "@cell-monitor/protocol";
import * as v from "valibot";

import { createDatabase } from "../database.ts";
import { freePort } from "./port.ts";
import { startStores } from "./stores.ts";
import { builtWorker, Workerd } from "./workerd.ts";

export interface SystemOptions {
  /** Runs the worker inside what counts; otherwise it is what is deployed and nothing else. */
  readonly probe?: boolean;
  /** Whether classes drain to their stores; leaving it out needs the probe. */
  readonly sinks?: boolean;
}

const countsSchema = v.object({
  constructed: v.number(),
  frames: v.number(),
  calls: v.number(),
  alarms: v.number(),
  rowsWritten: v.number(),
  written: v.record(v.string(), v.number()),
  checkpoints: v.number(),
  storeRequests: v.number(),
  influxBytes: v.number(),
  databaseBytes: v.number(),
  activeMs: v.number(),
});
export type Counts = v.InferOutput<typeof countsSchema>;

export interface ClassAccess {
  readonly id: string;
  readonly key: string;
  readonly instructorToken: string;
}

export interface Student {
  readonly id: string;
  readonly classId: string;
  readonly token: string;
}

const callWithinMs = 30_000;
const mintsAtOnce = 8;

/** The worker under workerd, its stores, and what makes classes and students over the public API. */
export class System implements AsyncDisposable {
  readonly url: string;
  readonly workerPid: number;
  readonly #adminToken: string;
  readonly #resources: AsyncDisposableStack;

  private constructor(resources: AsyncDisposableStack, worker: Workerd, adminToken: string) {
    this.#resources = resources;
    this.url = worker.url;
    this.workerPid = worker.pid;
    this.#adminToken = adminToken;
  }

  static async start({ probe = false, sinks = true }: SystemOptions = {}): Promise<System> {
    await using resources = new AsyncDisposableStack();
    const folder = mkdtempSync(join(tmpdir(), "cell-monitor-bench-"));
    resources.defer(() => rmSync(folder, { recursive: true, force: true }));
    const database = await createDatabase();
    if (database) resources.use(database);
    const secret = (): string => randomBytes(32).toString("base64url");
    const secrets = { password: secret(), influxToken: secret() };
    const stores = resources.use(await startStores(secrets, database?.url));
    const adminKey = secret();
    const port = await freePort();
    const variables = {
      PUBLIC_ORIGIN: `http://127.0.0.1:${port}`,
      TOKEN_KEYS: `bench:${secret()}`,
      ADMIN_KEY: adminKey,
      PSEUDONYM_KEY: secret(),
      DATABASE_URL: stores.databaseUrl,
      NEON_SQL_URL: stores.sqlUrl,
      INFLUX_URL: stores.influxUrl,
      INFLUX_TOKEN: secrets.influxToken,
      INFLUX_ORG: "cell-monitor",
      INFLUX_BUCKET: "cell_monitor",
      SINKS: sinks ? "on" : "off",
    };
    const worker = resources.use(await Workerd.start(folder, port, builtWorker(variables, probe || !sinks)));
    const { token } = await post(worker.url, bearerSchema, "/auth/admin-token", { adminKey });
    return new System(resources.move(), worker, token);
  }

  async makeClass(): Promise<ClassAccess> {
    const admin = this.#adminToken;
    const body = { name: "Bench", class_code: `bench-${randomUUID()}` };
    const { id } = await post(this.url, classResponseSchema, "/classes", body, admin);
    const { key } = await post(
      this.url,
      keyResponseSchema,
      `/classes/${id}/keys`,
      { scopes: ["mint"] },
      admin,
    );
    const person = { email: "teacher@example.org", name: "Teacher" };
    const teacher = await post(
      this.url,
      instructorResponseSchema,
      `/classes/${id}/instructors`,
      person,
      admin,
    );
    const asked = { instructor_id: teacher.id };
    const { token } = await post(this.url, bearerSchema, `/classes/${id}/instructor-tokens`, asked, admin);
    return { id, key, instructorToken: token };
  }

  /** Students of a class, each with a token as a Hub would mint it. */
  async mint({ id: classId, key }: ClassAccess, count: number): Promise<Student[]> {
    const students: Student[] = [];
    const indices = Array.from({ length: count }, (_, index) => index).values();
    const work = async (): Promise<void> => {
      for (const index of indices) {
        const body = { userId: `student-${index}@example.org`, userName: `Student ${index}` };
        const path = "/auth/student-credential";
        const { studentId, token } = await post(this.url, studentCredentialSchema, path, body, key);
        students[index] = { id: studentId, classId, token };
      }
    };
    await Promise.all(Array.from({ length: mintsAtOnce }, work));
    return students;
  }

  /** What was counted so far; with a probe only. */
  async counts(): Promise<Counts> {
    const response = await fetch(`${this.url}/probe`, { signal: AbortSignal.timeout(callWithinMs) });
    return v.parse(countsSchema, await response.json());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}

async function post<Schema extends v.GenericSchema>(
  url: string,
  schema: Schema,
  path: string,
  body: object,
  bearer?: string,
): Promise<v.InferOutput<Schema>> {
  const response = await fetch(`${url}/api/v1${path}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
    },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(callWithinMs),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return v.parse(schema, await response.json());
}
