import { randomUUID } from "node:crypto";
import { join } from "node:path";

import { type Gateway, type GatewayOptions, startGateway } from "@cell-monitor/gateway";
import { neon, neonConfig } from "@neondatabase/serverless";
import { Client } from "pg";

import { projections } from "../../src/event-types/registry.ts";
import { createPostgresSink } from "../../src/sinks/postgres/postgres-sink.ts";
import type { LoggedEvent, Sink } from "../../src/sinks/sink.ts";
import { tables } from "../../src/sinks/postgres/tables.ts";

const migrations = join(import.meta.dirname, "../../../migrations");
const serverUrl = process.env["TEST_DATABASE_URL"];

if (serverUrl === undefined && process.env["CI"] === "true") {
  throw new Error("TEST_DATABASE_URL must name a PostgreSQL server when CI=true");
}

/** The PostgreSQLs that every promise is tried on. */
export const postgresKinds = [
  { kind: "embedded", title: "PGlite", missing: false },
  {
    kind: "server",
    title: serverUrl === undefined ? "a server (skipped: TEST_DATABASE_URL is not set)" : "a server",
    missing: serverUrl === undefined,
  },
] as const;

export interface PostgresStore {
  readonly gateway: Gateway;
  sinkFor(classId: string, using?: typeof projections): Sink;
  /** Makes the store as if only the class had ever been there. */
  reset(classId: string): Promise<void>;
  /** All that sinks write, as comparable text. */
  dump(): Promise<string>;
  rows(text: string, params?: readonly unknown[]): Promise<Record<string, string | null>[]>;
  close(): Promise<void>;
}

export function testGateway(options: Partial<GatewayOptions> = {}): Promise<Gateway> {
  const secrets = { postgresPassword: randomUUID(), influxToken: randomUUID() };
  return startGateway({ port: 0, ...secrets, log: () => undefined, ...options });
}

/** A database of its own with our schema, spoken to as a deployment speaks to Neon. */
export async function openPostgres(kind: "embedded" | "server"): Promise<PostgresStore> {
  const database = kind === "server" ? await createDatabase() : undefined;
  const gateway = await testGateway(database && { databaseUrl: database.url });
  await gateway.migrate(migrations);
  // The driver's setting is global, and several gateways may run.
  neonConfig.fetchEndpoint = (host, port) => `http://${host}:${port}/sql`;
  const sql = neon(gateway.databaseUrl);
  return {
    gateway,
    sinkFor: (classId, using = projections) => createPostgresSink({ classId, sql, projections: using }),
    rows: (text, params) => gateway.query(text, params),
    async reset(classId) {
      await gateway.query("DELETE FROM classes");
      await gateway.query("DELETE FROM students");
      await gateway.query("INSERT INTO classes (id, class_code, name) VALUES ($1, 'TEST', 'Test')", [
        classId,
      ]);
    },
    async dump() {
      const parts: string[] = [];
      for (const { name, columns } of tables) {
        const [row] = await gateway.query(
          `SELECT coalesce(string_agg(to_jsonb(t)::text, E'\\n' ORDER BY ${Object.keys(columns).slice(0, 2).join(", ")}), '') AS rows
           FROM (SELECT ${[...Object.keys(columns), ...extra(columns)].join(", ")} FROM ${name}) AS t`,
        );
        parts.push(`${name}\n${row?.["rows"] ?? ""}`);
      }
      return parts.join("\n\n");
    },
    async close() {
      await gateway.close();
      await database?.drop();
    },
  };
}

function extra(columns: (typeof tables)[number]["columns"]): string[] {
  return Object.values(columns).some(({ rule }) => rule.kind === "own") ? ["set_by"] : [];
}

async function createDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `sinks_${randomUUID().replaceAll("-", "")}`;
  await onServer(`CREATE DATABASE ${name}`);
  const url = new URL(serverUrl ?? "");
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => onServer(`DROP DATABASE ${name} WITH (FORCE)`) };
}

async function onServer(text: string): Promise<void> {
  const client = new Client({ connectionString: serverUrl });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

/** Writes batch after batch as the drain does; each must be taken. */
export async function writeAll(sink: Sink, ...batches: readonly (readonly LoggedEvent[])[]): Promise<void> {
  for (const batch of batches) {
    const outcome = await sink.write(batch, AbortSignal.timeout(60_000));
    if (outcome.kind !== "written") throw new Error(`${outcome.kind}: ${outcome.reason}`);
  }
}
