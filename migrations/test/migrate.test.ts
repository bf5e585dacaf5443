import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { migrate, type MigrationSession } from "../src/index.ts";
import { folderOf } from "./folders.ts";
import { emptySession } from "./session.ts";

const TWO = {
  "0001_people.sql": "CREATE TABLE people (id integer PRIMARY KEY); CREATE INDEX people_id ON people (id);",
  "0002_names.sql": "ALTER TABLE people ADD COLUMN name text;",
};

describe("migrate", () => {
  it("applies every migration in order and records it", async () => {
    const session = await emptySession();
    const applied: number[] = [];

    const result = await migrate(session, await folderOf(TWO), {
      onApplied: ({ version }) => applied.push(version),
    });

    expect(result).toEqual({ applied: ["0001_people", "0002_names"], version: 2 });
    expect(applied).toEqual([1, 2]);
    await session.query("INSERT INTO people (id, name) VALUES (1, 'Ada')");
    const { rows } = await session.query(
      "SELECT version, name, length(checksum) AS length, applied_at <= now() AS past FROM schema_migrations ORDER BY 1",
    );
    expect(rows).toEqual([
      { version: 1, name: "people", length: 64, past: true },
      { version: 2, name: "names", length: 64, past: true },
    ]);
  });

  it("changes nothing when it runs again", async () => {
    const session = await emptySession();
    const folder = await folderOf(TWO);
    await migrate(session, folder);

    expect(await migrate(session, folder)).toEqual({ applied: [], version: 2 });
  });

  it("applies only what is new", async () => {
    const session = await emptySession();
    const folder = await folderOf(TWO);
    await migrate(session, folder);
    await writeFile(join(folder, "0003_more.sql"), "CREATE TABLE more ()");

    expect(await migrate(session, folder)).toEqual({ applied: ["0003_more"], version: 3 });
  });

  it("says on a dry run what it would apply, and leaves the database untouched", async () => {
    const session = await emptySession();

    const result = await migrate(session, await folderOf(TWO), { dryRun: true });

    expect(result).toEqual({ applied: ["0001_people", "0002_names"], version: 0 });
    expect(await tables(session)).toEqual([]);
  });

  it("leaves nothing of a migration that fails, and keeps those before it", async () => {
    const session = await emptySession();
    const folder = await folderOf({ ...TWO, "0003_bad.sql": "CREATE TABLE half (); SELECT nonsense;" });

    await expect(migrate(session, folder)).rejects.toMatchObject({
      code: "failed",
      message: expect.stringContaining('0003_bad failed: column "nonsense" does not exist'),
    });

    expect(await tables(session)).toEqual([{ name: "people" }, { name: "schema_migrations" }]);
    await writeFile(join(folder, "0003_bad.sql"), "CREATE TABLE whole ()");
    expect(await migrate(session, folder)).toEqual({ applied: ["0003_bad"], version: 3 });
  });

  it("refuses a migration that was changed after it was applied", async () => {
    const session = await emptySession();
    const folder = await folderOf(TWO);
    await migrate(session, folder);
    await writeFile(join(folder, "0001_people.sql"), "CREATE TABLE people (id text PRIMARY KEY)");

    await expect(migrate(session, folder)).rejects.toMatchObject({
      code: "changed",
      message: expect.stringContaining("0001_people was changed"),
    });
  });

  it("takes other line endings for the same migration", async () => {
    const session = await emptySession();
    const folder = await folderOf({ "0001_a.sql": "CREATE TABLE a\n();\n" });
    await migrate(session, folder);
    await writeFile(join(folder, "0001_a.sql"), "CREATE TABLE a\r\n();\r\n");

    expect(await migrate(session, folder)).toEqual({ applied: [], version: 1 });
  });

  it("refuses a database that is ahead of the folder", async () => {
    const session = await emptySession();
    const folder = await folderOf(TWO);
    await migrate(session, folder);
    await rm(join(folder, "0002_names.sql"));

    await expect(migrate(session, folder)).rejects.toMatchObject({ code: "newer_database" });
  });

  it("refuses a database with a hole in its record", async () => {
    const session = await emptySession();
    const folder = await folderOf(TWO);
    await migrate(session, folder);
    await session.query("DELETE FROM schema_migrations WHERE version = 1");

    await expect(migrate(session, folder)).rejects.toMatchObject({ code: "gap" });
  });

  it.each([
    ["a gap in the numbers", { "0001_a.sql": "", "0003_c.sql": "" }, "gap", "0003_c.sql: expected 0002"],
    ["a number twice", { "0001_a.sql": "", "0001_b.sql": "" }, "gap", "0001_b.sql: expected 0002"],
    ["a start above 0001", { "0002_b.sql": "" }, "gap", "0002_b.sql: expected 0001"],
    ["a name without a number", { "first.sql": "" }, "bad_name", "first.sql: a migration is named like"],
    ["no migrations at all", { "README.md": "" }, "no_migrations", "holds no migrations"],
  ])("refuses a folder with %s", async (_what, files, code, message) => {
    const session = await emptySession();

    await expect(migrate(session, await folderOf(files))).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
    expect(await tables(session)).toEqual([]);
  });
});

async function tables(session: MigrationSession): Promise<readonly unknown[]> {
  const { rows } = await session.query(
    "SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1",
  );
  return rows;
}
