import { execFile } from "node:child_process";
import { join } from "node:path";

import { Client } from "pg";
import { describe, expect, it } from "vitest";

import { migrate } from "../src/index.ts";
import { folderOf } from "./folders.ts";
import { describeOnPostgres, freshDatabase } from "./postgres.ts";

const CLI = join(import.meta.dirname, "../src/cli.ts");
const FILES = { "0001_a.sql": "CREATE TABLE a ()", "0002_b.sql": "CREATE TABLE b ()" };

describe("the migrate command", () => {
  it("explains itself with --help", async () => {
    const { code, stdout } = await run(["--help"]);

    expect(code).toBe(0);
    expect(stdout).toContain("--database-url");
  });

  it("ends with 2 and a hint when it isn't told which database", async () => {
    const { code, stderr } = await run([]);

    expect(code).toBe(2);
    expect(stderr).toContain("DATABASE_URL");
  });

  it.each([
    ["--database-url", "postgres//me:hunter2@host"],
    ["--database-url", "mysql://me:hunter2@host/db"],
  ])("ends with 2 on %s %s without repeating the password", async (...args) => {
    const { code, stderr, stdout } = await run(args);

    expect(code).toBe(2);
    expect(stderr).toContain("postgres://user:password@host");
    expect(stderr + stdout).not.toContain("hunter2");
  });

  it("ends with 2 on an option it doesn't know", async () => {
    expect(await run(["--frobnicate"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--frobnicate"),
    });
  });

  it("ends with 1 and the reason when the database can't be reached", async () => {
    const { code, stdout } = await run(["--json", "--database-url", "postgres://me:hunter2@127.0.0.1:1/db"]);

    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { message: expect.stringContaining("ECONNREFUSED") } });
    expect(stdout).not.toContain("hunter2");
  });
});

describeOnPostgres("the migrate command on PostgreSQL", () => {
  it("applies what is missing and says what it did", async () => {
    const databaseUrl = await freshDatabase();
    const folder = await folderOf(FILES);

    const planned = await run(["--dry-run", "--json", "--folder", folder], databaseUrl);
    const first = await run(["--folder", folder], databaseUrl);
    const again = await run(["--json", "--folder", folder], databaseUrl);

    expect(JSON.parse(planned.stdout)).toEqual({ applied: ["0001_a", "0002_b"], version: 0, dryRun: true });
    expect(first.code).toBe(0);
    expect(first.stdout).toMatch(/applied 0001_a\napplied 0002_b\n\S+ is at version 2/);
    expect(JSON.parse(again.stdout)).toEqual({ applied: [], version: 2, dryRun: false });
  });

  it("ends with 1 and the code of a migration that fails", async () => {
    const folder = await folderOf({ "0001_bad.sql": "SELECT nonsense" });

    const { code, stdout } = await run(["--json", "--folder", folder], await freshDatabase());

    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "failed" } });
  });

  it("applies each migration once when several run at the same time", async () => {
    const databaseUrl = await freshDatabase();
    const folder = await folderOf(FILES);
    const clients = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const client = new Client({ connectionString: databaseUrl });
        await client.connect();
        return client;
      }),
    );

    const results = await Promise.all(clients.map((client) => migrate(client, folder)));
    await Promise.all(clients.map((client) => client.end()));

    expect(results.flatMap(({ applied }) => applied).toSorted()).toEqual(["0001_a", "0002_b"]);
    expect(results.map(({ version }) => version)).toEqual([2, 2, 2, 2]);
  });
});

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(args: readonly string[], databaseUrl?: string): Promise<Outcome> {
  const { DATABASE_URL: _ours, ...environment } = process.env;
  const env = databaseUrl === undefined ? environment : { ...environment, DATABASE_URL: databaseUrl };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [CLI, ...args], { env }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}
