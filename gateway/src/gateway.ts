import { join } from "node:path";

import { migrate, type MigrateResult } from "@cell-monitor/migrations";
import type { QueryResultRow } from "pg";

import { type FolderLock, lockFolder } from "./folder-lock.ts";
import { createInflux, type InfluxOptions } from "./influx/influx.ts";
import type { Point } from "./influx/point.ts";
import { HOST, listen } from "./listen.ts";
import type { Log } from "./log.ts";
import { Database, type DatabaseTarget } from "./postgres/database.ts";
import { createApp } from "./server.ts";

export interface GatewayOptions extends InfluxOptions {
  /** 0 takes any free port. */
  readonly port: number;
  /** Where the embedded database and the points are kept; without it they are in memory. */
  readonly dataDir?: string | undefined;
  /** A PostgreSQL server to use instead of the embedded database. */
  readonly databaseUrl?: string | undefined;
  readonly maxConnections?: number | undefined;
  /** A request to `/sql` that takes longer is ended. */
  readonly requestTimeoutMs?: number | undefined;
  /** What clients must send; there is no default. */
  readonly postgresPassword: string;
  readonly influxToken: string;
  readonly log: Log;
}

export interface Gateway {
  readonly url: string;
  /** The connection string to give to Neon's driver, together with `sqlUrl`. */
  readonly databaseUrl: string;
  /** What Neon's driver must be told as its `fetchEndpoint`. */
  readonly sqlUrl: string;
  /** The address to give to InfluxDB's client. */
  readonly influxUrl: string;
  /** Applies a folder of migrations. */
  migrate(folder: string): Promise<MigrateResult>;
  /** Runs a query past HTTP. Every value is text as PostgreSQL writes it, or null. */
  query(text: string, params?: readonly unknown[]): Promise<Record<string, string | null>[]>;
  /** The points kept here, oldest first; none when they are forwarded. */
  points(): readonly Point[];
  close(): Promise<void>;
}

/** Starts the gateway: Neon's `/sql` and InfluxDB's `/api/v2/write` on one port of this machine. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  requireSecret("postgresPassword", options.postgresPassword);
  requireSecret("influxToken", options.influxToken);
  const { log, dataDir, requestTimeoutMs = DEFAULT_REQUEST_TIMEOUT_MS } = options;
  const lock = dataDir === undefined ? undefined : lockOrThrow(dataDir);
  const database = new Database(databaseTarget(options), { statementTimeoutMs: requestTimeoutMs }, log);
  const influx = await createInflux(options, dataDir === undefined ? undefined : join(dataDir, "influx"));
  const credentials = { user: USER, password: options.postgresPassword };
  const app = createApp({
    database,
    credentials,
    requestTimeoutMs,
    influx,
    influxToken: options.influxToken,
    log,
  });
  const stop = async (): Promise<void> => {
    await influx.close();
    await database.close();
    lock?.release();
  };
  try {
    await database.start();
    const listening = await listen(app, options.port);
    const address = `${HOST}:${listening.port}`;
    return {
      url: `http://${address}`,
      databaseUrl: `postgresql://${USER}:${encodeURIComponent(options.postgresPassword)}@${address}/postgres`,
      sqlUrl: `http://${address}/sql`,
      influxUrl: `http://${address}`,
      migrate: (folder) =>
        database.lease({}, async (client) => {
          await client.query("SET statement_timeout = 0");
          return migrate(client, folder);
        }),
      query: (text, params = []) =>
        database.lease({ timeoutMs: requestTimeoutMs }, async (client) => {
          const { rows } = await client.query<TextRow>(text, [...params]);
          return rows;
        }),
      points: () => influx.points(),
      close: async () => {
        await listening.close(CLOSE_GRACE_MS);
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

type TextRow = QueryResultRow & Record<string, string | null>;

function databaseTarget({ databaseUrl, dataDir, maxConnections = 10 }: GatewayOptions): DatabaseTarget {
  if (databaseUrl !== undefined) return { kind: "server", url: databaseUrl, maxConnections };
  return { kind: "embedded", folder: dataDir === undefined ? undefined : join(dataDir, "postgres") };
}

function lockOrThrow(dataDir: string): FolderLock {
  const lock = lockFolder(dataDir);
  if (lock === undefined) throw new Error(`another process is using ${dataDir}`);
  return lock;
}

function requireSecret(name: string, value: string): void {
  if (value.length < MIN_SECRET_LENGTH) {
    throw new Error(`${name} must have at least ${MIN_SECRET_LENGTH} characters`);
  }
}

const USER = "cell_monitor";
const MIN_SECRET_LENGTH = 16;
const DEFAULT_REQUEST_TIMEOUT_MS = 30_000;
const CLOSE_GRACE_MS = 5_000;
