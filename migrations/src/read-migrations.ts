import { createHash } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

import { MigrationError } from "./migration-error.ts";

export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the text, line endings apart, so that a checkout on Windows is the same migration. */
  readonly checksum: string;
}

/** Reads `0001_name.sql`, `0002_…`, … of a folder. A gap, a repeated number or a misnamed file is an error. */
export async function readMigrations(folder: string): Promise<Migration[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".sql")).toSorted();
  if (files.length === 0) throw new MigrationError("no_migrations", `${folder} holds no migrations`);
  return Promise.all(files.map((file, index) => readMigration(folder, file, index + 1)));
}

async function readMigration(folder: string, file: string, expectedVersion: number): Promise<Migration> {
  const [, digits, name] = FILE_NAME.exec(file) ?? [];
  if (digits === undefined || name === undefined) {
    throw new MigrationError("bad_name", `${file}: a migration is named like 0001_what_it_does.sql`);
  }
  const version = Number(digits);
  if (version !== expectedVersion) {
    const expected = String(expectedVersion).padStart(4, "0");
    throw new MigrationError(
      "gap",
      `${file}: expected ${expected} here; numbers must run without gap or repeat`,
    );
  }
  const sql = (await readFile(join(folder, file), "utf8")).replaceAll("\r\n", "\n");
  return { version, name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
}

const FILE_NAME = /^(\d{4})_([a-z0-9_]+)\.sql$/;
