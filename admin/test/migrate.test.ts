import { randomUUID } from "node:crypto";
import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "./cli.ts";

const server = process.env["TEST_DATABASE_URL"];
/** Where every server has to be there, a missing one is a failure and not a skip. */
if (server === undefined && process.env["CI"] === "true") {
  throw new Error("TEST_DATABASE_URL must name a PostgreSQL server when CI=true");
}

const reason = server === undefined ? " (skipped: TEST_DATABASE_URL is not set)" : "";

describe.skipIf(server === undefined)(`migrate on PostgreSQL${reason}`, () => {
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  const url = new URL(server ?? "postgres://localhost");
  url.pathname = `/${name}`;
  const files = readdirSync(resolve(import.meta.dirname, "../../migrations"));
  const migrations = files.filter((file) => /^\d{4}_.*\.sql$/.test(file));

  async function onServer(sql: string): Promise<void> {
    const client = new Client({ connectionString: server });
    await client.connect();
    await client.query(sql);
    await client.end();
  }
  beforeAll(() => onServer(`CREATE DATABASE ${name}`));
  afterAll(() => onServer(`DROP DATABASE ${name} WITH (FORCE)`));

  it("says what it would apply, applies it, and then has nothing to do", async () => {
    const env = { DATABASE_URL: url.href };
    const tried = await run(["migrate", "--dry-run", "--json"], { env });
    expect(tried.json()).toMatchObject({ dryRun: true, version: 0 });
    const done = await run(["migrate"], { env });
    expect(done).toMatchObject({ code: 0, stderr: expect.stringContaining("applied 0001") });
    const again = await run(["migrate", "--json", "--database-url", url.href]);
    expect(again.json()).toEqual({ applied: [], version: migrations.length, dryRun: false });
  });
});

describe("migrate", () => {
  it("without a database, or with one that does not answer, says so and never its password", async () => {
    expect(await run(["migrate"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("DATABASE_URL"),
    });
    const away = await run(["migrate", "--database-url", "postgres://me:hunter2@127.0.0.1:1/db"]);
    expect(away.code).toBe(5);
    expect(away.stdout + away.stderr).not.toContain("hunter2");
  });
});
