import { randomUUID } from "node:crypto";

import { Client } from "pg";
import { describe, onTestFinished } from "vitest";

const SERVER_URL = process.env["TEST_DATABASE_URL"];

/** Where every server has to be there, a missing one is a failure and not a skip. */
if (SERVER_URL === undefined && process.env["CI"] === "true") {
  throw new Error("TEST_DATABASE_URL must name a PostgreSQL server when CI=true");
}

/** A suite that needs a PostgreSQL server, and says so where there is none. */
export function describeOnPostgres(title: string, suite: () => void): void {
  const reason = SERVER_URL === undefined ? " (skipped: TEST_DATABASE_URL is not set)" : "";
  describe.skipIf(SERVER_URL === undefined)(`${title}${reason}`, () => {
    suite();
  });
}

export interface OwnDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** Makes an empty database on the server. */
export async function createDatabase(): Promise<OwnDatabase> {
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await onServer(`CREATE DATABASE ${name}`);
  const url = new URL(serverUrl());
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => onServer(`DROP DATABASE ${name} WITH (FORCE)`) };
}

/** The URL of an empty database on the server, dropped when the test ends. */
export async function freshDatabase(): Promise<string> {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  return database.url;
}

async function onServer(sql: string): Promise<void> {
  const client = new Client({ connectionString: serverUrl() });
  await client.connect();
  await client.query(sql);
  await client.end();
}

function serverUrl(): string {
  if (SERVER_URL === undefined) throw new Error("TEST_DATABASE_URL is not set");
  return SERVER_URL;
}
