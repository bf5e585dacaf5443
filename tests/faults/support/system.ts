import { randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Gateway, startGateway } from "@cell-monitor/gateway";
import { Client } from "pg";
import * as v from "valibot";
import { freePort } from "../../e2e/support/processes.ts";
import { StoreProxy } from "./store-proxy.ts";
import { prepareWorker, WorkerProcess } from "./worker-process.ts";

const migrations = fileURLToPath(new URL("../../../migrations", import.meta.url));
const insistForMs = 60_000;

const lookSchema = v.object({
  alarmInMs: v.optional(v.number()),
  days: v.number(),
  version: v.number(),
  cursors: v.string(),
});
export type Look = v.InferOutput<typeof lookSchema>;

/** An answer other than 2xx. */
export class Refused extends Error {
  readonly status: number;

  constructor(status: number, text: string) {
    super(`${status}: ${text}`);
    this.status = status;
  }
}

/** The worker as it is built under workerd, the stores it writes to, and a proxy before each of them. */
export class System implements AsyncDisposable {
  readonly url: string;
  readonly adminKey: string;
  readonly gateway: Gateway;
  readonly postgres: StoreProxy;
  readonly influx: StoreProxy;
  readonly #folder: string;
  readonly #resources: AsyncDisposableStack;
  #worker: WorkerProcess | undefined;
  #starting: Promise<void> | undefined;
  #steps: string[] = [];
  /** Of the lives to come; undefined while no steps are watched. */
  #lasts: readonly string[] | undefined;
  #lives = 0;
  /** Steps at which the worker was killed, as it had been told. */
  readonly reached: string[] = [];

  private constructor(
    resources: AsyncDisposableStack,
    parts: Pick<System, "url" | "adminKey" | "gateway" | "postgres" | "influx"> & { folder: string },
  ) {
    this.#resources = resources;
    this.#folder = parts.folder;
    this.url = parts.url;
    this.adminKey = parts.adminKey;
    this.gateway = parts.gateway;
    this.postgres = parts.postgres;
    this.influx = parts.influx;
  }

  static async start(): Promise<System> {
    await using resources = new AsyncDisposableStack();
    const folder = mkdtempSync(join(tmpdir(), "cell-monitor-faults-"));
    resources.defer(() => rmSync(folder, { recursive: true, force: true }));
    const databaseUrl = await createDatabase(resources);
    const secret = (): string => randomBytes(32).toString("base64url");
    const influxToken = secret();
    const gateway = await startGateway({
      port: 0,
      databaseUrl,
      postgresPassword: secret(),
      influxToken,
      maxPoints: 10_000_000,
      log: () => {},
    });
    resources.defer(() => gateway.close());
    await gateway.migrate(migrations);
    const postgres = resources.use(await StoreProxy.start(gateway.url));
    const influx = resources.use(await StoreProxy.start(gateway.url));
    const port = await freePort();
    const [url, adminKey] = [`http://127.0.0.1:${port}`, secret()];
    prepareWorker(folder, port, {
      PUBLIC_ORIGIN: url,
      TOKEN_KEYS: `faults:${secret()}`,
      ADMIN_KEY: adminKey,
      PSEUDONYM_KEY: secret(),
      DATABASE_URL: gateway.databaseUrl,
      NEON_SQL_URL: `${postgres.url}/sql`,
      INFLUX_URL: influx.url,
      INFLUX_TOKEN: influxToken,
      INFLUX_ORG: "cell-monitor",
      INFLUX_BUCKET: "cell_monitor",
    });
    const system = new System(resources.move(), { folder, url, adminKey, gateway, postgres, influx });
    await system.startWorker();
    return system;
  }

  /** The running workerd. */
  get worker(): WorkerProcess {
    if (!this.#worker) throw new Error("No workerd is running.");
    return this.#worker;
  }

  /** Starts workerd unless it runs; several that ask at once wait for the same start. */
  startWorker(): Promise<void> {
    if (this.#worker?.hasEnded === false) return Promise.resolve();
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  async kill(): Promise<void> {
    await this.#worker?.kill();
  }

  /** Does something until it succeeds, as a client does that nobody tells whether its request was taken. */
  async insist<T>(action: () => Promise<T>): Promise<T> {
    const untilMs = Date.now() + insistForMs;
    for (;;) {
      try {
        return await action();
      } catch (error) {
        const isFinal = error instanceof Refused && error.status !== 503 && error.status !== 429;
        if (isFinal || Date.now() > untilMs) throw error;
      }
      await delay(5);
      await this.startWorker();
    }
  }

  /**
   * Kills workerd when it gets to the first of these steps, the next one at the next, and so on; in the life after
   * the last, notes the steps. A life's steps are counted from its start, those of the present one from now.
   */
  async watchSteps(lasts: readonly string[]): Promise<void> {
    this.#steps = [];
    this.reached.length = 0;
    const [last, ...later] = lasts;
    this.#lasts = later;
    await this.#control(`watch${last === undefined ? "" : `?last=${encodeURIComponent(last)}`}`);
  }

  /** The steps that were noted, in their order. */
  get steps(): readonly string[] {
    return this.#steps;
  }

  /** How often workerd has been started. */
  get lives(): number {
    return this.#lives;
  }

  /** Lets the class's alarm come now. */
  wake(classId: string): Promise<unknown> {
    return this.#control(`wake/${classId}`);
  }

  async look(classId: string): Promise<Look> {
    return v.parse(lookSchema, await this.#control(`look/${classId}`));
  }

  /** Sets the worker's clock ahead of this machine's, until it is started again. */
  setClockAhead(offsetMs: number): Promise<unknown> {
    return this.#control(`clock?offset=${offsetMs}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await this.#resources.disposeAsync();
  }

  async #control(command: string): Promise<unknown> {
    const response = await fetch(`${this.url}/faults/${command}`, { signal: AbortSignal.timeout(15_000) });
    if (!response.ok) throw new Refused(response.status, await response.text());
    return response.status === 204 ? undefined : response.json();
  }

  async #start(): Promise<void> {
    const [last, ...later] = this.#lasts ?? [];
    const first = this.#lasts === undefined ? "nothing" : last;
    if (this.#lasts !== undefined) this.#lasts = later;
    this.#lives += 1;
    this.#worker = await WorkerProcess.start(this.#folder, first ?? "", (line) => {
      const [, kind, step = ""] = /^(step|last-step) (.*)$/.exec(line) ?? [];
      if (kind === "step") this.#steps.push(step);
      if (kind !== "last-step") return;
      this.reached.push(step);
      void this.#worker?.kill();
    });
  }
}

/** A database of its own on the server that TEST_DATABASE_URL names; undefined: an embedded one, in memory. */
async function createDatabase(resources: AsyncDisposableStack): Promise<string | undefined> {
  const server = process.env["TEST_DATABASE_URL"];
  if (server === undefined) return undefined;
  const name = `faults_${randomUUID().replaceAll("-", "")}`;
  const own = new URL(server);
  own.pathname = `/${name}`;
  await onServer(server, `CREATE DATABASE ${name}`);
  resources.defer(() => onServer(server, `DROP DATABASE ${name} WITH (FORCE)`));
  return own.href;
}

async function onServer(server: string, text: string): Promise<void> {
  const client = new Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
