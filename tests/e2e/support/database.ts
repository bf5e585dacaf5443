import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { neon, neonConfig } from "@neondatabase/serverless";
import { Client } from "pg";
import * as v from "valibot";
import type { StackProcess } from "./stack-process.ts";

const serverUrl = process.env["TEST_DATABASE_URL"];
if (serverUrl === undefined && process.env["CI"] === "true") {
  throw new Error("TEST_DATABASE_URL must name a PostgreSQL server when CI=true");
}

export type Row = Readonly<Record<string, unknown>>;

export interface TestDatabase extends AsyncDisposable {
  /** To be given to the stack. */
  readonly environment: Readonly<Record<string, string>>;
  /** Asks past everything of the stack that can be passed. */
  query(stack: StackProcess, text: string, params?: readonly unknown[]): Promise<readonly Row[]>;
}

/** Which database `createTestDatabase` gives, and why if it is the lesser one. */
export const databaseName = serverUrl === undefined ? "PGlite" : "PostgreSQL";
export const databaseNote = serverUrl === undefined ? " (no PostgreSQL: TEST_DATABASE_URL is not set)" : "";

/** A database of its own on the server that TEST_DATABASE_URL names, or else the one in the stack. */
export async function createTestDatabase(): Promise<TestDatabase> {
  return serverUrl === undefined ? embeddedDatabase() : createServerDatabase(serverUrl);
}

async function createServerDatabase(server: string): Promise<TestDatabase> {
  const name = `e2e_${randomUUID().replaceAll("-", "")}`;
  await onServer(server, `CREATE DATABASE ${name}`);
  const own = new URL(server);
  own.pathname = `/${name}`;
  return {
    environment: { DATABASE_URL: own.href },
    query: (_stack, text, params) => onServer(own.href, text, params),
    [Symbol.asyncDispose]: async () => {
      await onServer(server, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

async function onServer(url: string, text: string, params: readonly unknown[] = []): Promise<readonly Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(text, [...params]);
    return rows;
  } finally {
    await client.end();
  }
}

/** PGlite takes no connections but the gateway's, so it is asked the way the worker asks it. */
export function embeddedDatabase(): TestDatabase {
  return {
    environment: {},
    query: async ({ gatewayUrl, dataDir }, text, params = []) => {
      neonConfig.fetchEndpoint = `${gatewayUrl}/sql`;
      const url = new URL(gatewayUrl.replace(/^http/, "postgresql"));
      url.username = "cell_monitor";
      url.password = passwordOf(dataDir);
      url.pathname = "/postgres";
      return neon(url.href).query(text, [...params]);
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

function passwordOf(dataDir: string): string {
  const secrets: unknown = JSON.parse(readFileSync(join(dataDir, "secrets.json"), "utf8"));
  return v.parse(v.object({ postgresPassword: v.string() }), secrets).postgresPassword;
}
