import { Pool, type PoolClient, type PoolConfig } from "pg";

import { type Log, messageOf } from "../log.ts";
import { PgliteEngine } from "./pglite-engine.ts";
import { PgliteSocket } from "./pglite-socket.ts";

export type DatabaseTarget =
  /** A PostgreSQL server. */
  | { readonly kind: "server"; readonly url: string; readonly maxConnections: number }
  /** PGlite in this folder, or in memory. */
  | { readonly kind: "embedded"; readonly folder: string | undefined };

/** A request was still running when its time was up, and was given up. */
export class RequestTimeoutError extends Error {
  override name = "RequestTimeoutError";
}

/** No connection to the database could be had; nothing was run. */
export class DatabaseUnavailableError extends Error {
  override name = "DatabaseUnavailableError";
}

export interface Lease {
  /** The connection is destroyed when the work has not ended by then. */
  readonly timeoutMs?: number;
}

/** PostgreSQL behind one connection pool, be it a server or embedded. */
export class Database {
  readonly #pool: Pool;
  readonly #engine: PgliteEngine | undefined;
  readonly #log: Log;
  readonly #resets = new Set<Promise<void>>();

  constructor(target: DatabaseTarget, limits: { readonly statementTimeoutMs: number }, log: Log) {
    this.#log = log;
    const common: PoolConfig = {
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      application_name: "cell-monitor-gateway",
      types: { getTypeParser: () => rawText },
    };
    if (target.kind === "server") {
      this.#pool = new Pool({
        ...common,
        connectionString: target.url,
        max: target.maxConnections,
        statement_timeout: limits.statementTimeoutMs,
      });
    } else {
      const engine = new PgliteEngine(target.folder);
      this.#engine = engine;
      // PGlite has one session, so one connection; the others queue for it.
      this.#pool = new Pool({
        ...common,
        user: "postgres",
        database: "postgres",
        max: 1,
        idleTimeoutMillis: 0,
        stream: () => new PgliteSocket(engine),
      });
    }
    // A lost connection is an event that would end the process if nobody listened: to the connection while it is in
    // use, to the pool while it is idle. What was under way on it fails by itself.
    this.#pool.on("connect", (client) => {
      client.on("error", (error) => log("postgres_connection_lost", { message: error.message }));
    });
    this.#pool.on("error", () => undefined);
  }

  /** Resolves when the database answers. */
  async start(): Promise<void> {
    await this.#engine?.start();
    await this.lease({}, (client) => client.query("SELECT 1"));
  }

  /** Runs work on a connection that nobody else uses meanwhile; no session state of it outlives the work. */
  async lease<T>({ timeoutMs }: Lease, work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect().catch((cause: unknown) => {
      if (cause instanceof Error && "code" in cause && isSqlState(cause.code)) throw cause;
      throw new DatabaseUnavailableError(`cannot connect to the database: ${messageOf(cause)}`, { cause });
    });
    const deadline = new Deadline(client, timeoutMs);
    try {
      const result = await work(client);
      deadline.end();
      return result;
    } catch (error) {
      deadline.end();
      throw deadline.passed ? new RequestTimeoutError("the request took too long", { cause: error }) : error;
    } finally {
      if (!deadline.passed) this.#giveBack(client);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#resets);
    await this.#pool.end();
    await this.#engine?.close();
  }

  /** The answer need not wait for the connection to be cleaned; the next user does. */
  #giveBack(client: PoolClient): void {
    const reset = resetSession(client).then(
      () => client.release(),
      (error: unknown) => {
        this.#log("postgres_connection_dropped", { message: messageOf(error) });
        client.release(true);
      },
    );
    this.#resets.add(reset);
    void reset.finally(() => this.#resets.delete(reset));
  }
}

class Deadline {
  readonly #timer: NodeJS.Timeout | undefined;
  passed = false;

  constructor(client: PoolClient, timeoutMs: number | undefined) {
    if (timeoutMs === undefined) return;
    this.#timer = setTimeout(() => {
      this.passed = true;
      client.release(true);
    }, timeoutMs);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

async function resetSession(client: PoolClient): Promise<void> {
  if (client.getTransactionStatus() !== "I") await client.query("ROLLBACK");
  await client.query("DISCARD ALL");
}

function isSqlState(code: unknown): boolean {
  return typeof code === "string" && /^[0-9A-Z]{5}$/.test(code);
}

function rawText(text: string): string {
  return text;
}

const CONNECT_TIMEOUT_MS = 10_000;
