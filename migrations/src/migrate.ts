import * as v from "valibot";

import { MigrationError } from "./migration-error.ts";
import { type Migration, readMigrations } from "./read-migrations.ts";

/**
 * One session of a database, as pg's Client has it. Without parameters the text may hold several statements.
 * It must not be shared while migrations run: they hold a lock and open transactions on it.
 */
export interface MigrationSession {
  query(text: string, params?: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
}

export interface MigrateOptions {
  /** Only says what would be applied. */
  readonly dryRun?: boolean;
  readonly onApplied?: (migration: Migration) => void;
}

export interface MigrateResult {
  /** Applied now, or with `dryRun` what would be; in order, as `0001_name`. */
  readonly applied: readonly string[];
  /** The version the database is at afterwards; 0 is empty. */
  readonly version: number;
}

/**
 * Brings a database to the last migration of a folder. Each migration is one transaction together with its record in
 * `schema_migrations`, under an advisory lock that keeps other runs out. Running it again changes nothing.
 */
export async function migrate(
  session: MigrationSession,
  folder: string,
  options: MigrateOptions = {},
): Promise<MigrateResult> {
  const migrations = await readMigrations(folder);
  if (options.dryRun === true) {
    const recorded = await readRecorded(session);
    return { applied: pendingOf(migrations, recorded).map(label), version: recorded.length };
  }
  const applied: string[] = [];
  for (;;) {
    const migration = await inTransaction(session, () => applyNext(session, migrations));
    if (migration === undefined) return { applied, version: migrations.length };
    applied.push(label(migration));
    options.onApplied?.(migration);
  }
}

/**
 * What is next is read under the lock, each time anew: another run may have been there first. The lock is the
 * transaction's, not the session's, because a connection pooler may give each transaction another session.
 */
async function applyNext(
  session: MigrationSession,
  migrations: readonly Migration[],
): Promise<Migration | undefined> {
  await session.query("SELECT pg_advisory_xact_lock($1)", [LOCK_KEY]);
  await session.query(CREATE_TABLE);
  const [next] = pendingOf(migrations, await readRecorded(session));
  if (next === undefined) return undefined;
  try {
    await session.query(next.sql);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MigrationError("failed", `${label(next)} failed: ${reason}`, { cause });
  }
  await session.query(INSERT_RECORD, [next.version, next.name, next.checksum]);
  return next;
}

async function inTransaction<T>(session: MigrationSession, work: () => Promise<T>): Promise<T> {
  await session.query("BEGIN");
  try {
    const result = await work();
    await session.query("COMMIT");
    return result;
  } catch (error) {
    // A connection that broke can't be told, and has rolled back by itself.
    await session.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

/** What of the folder is still to be applied, once what was applied is known to be what the folder says. */
function pendingOf(migrations: readonly Migration[], recorded: readonly Recorded[]): readonly Migration[] {
  recorded.forEach(({ version, name, checksum }, index) => {
    const migration = migrations[index];
    const there = `${String(version).padStart(4, "0")}_${name}`;
    if (version !== index + 1) {
      throw new MigrationError("gap", `the database has ${there} where version ${index + 1} is missing`);
    }
    if (migration === undefined) {
      throw new MigrationError("newer_database", `the database has ${there}, which the folder does not`);
    }
    if (migration.checksum !== checksum) {
      throw new MigrationError(
        "changed",
        `${there} was changed after it was applied: write a new migration instead`,
      );
    }
  });
  return migrations.slice(recorded.length);
}

const Recorded = v.object({
  version: v.pipe(v.string(), v.transform(Number), v.integer()),
  name: v.string(),
  checksum: v.string(),
});
type Recorded = v.InferOutput<typeof Recorded>;

async function readRecorded(session: MigrationSession): Promise<Recorded[]> {
  const { rows: tables } = await session.query("SELECT 1 WHERE to_regclass('schema_migrations') IS NOT NULL");
  if (tables.length === 0) return [];
  const { rows } = await session.query(
    "SELECT version::text AS version, name, checksum FROM schema_migrations ORDER BY schema_migrations.version",
  );
  return v.parse(v.array(Recorded), rows);
}

function label({ version, name }: Migration): string {
  return `${String(version).padStart(4, "0")}_${name}`;
}

/** Any number that nobody else locks; this one is "cellmoni" read as a big-endian integer. */
const LOCK_KEY = Buffer.from("cellmoni").readBigInt64BE().toString();

const CREATE_TABLE = `CREATE TABLE IF NOT EXISTS schema_migrations (
  version integer PRIMARY KEY,
  name text NOT NULL,
  checksum text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now()
)`;

const INSERT_RECORD = "INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3)";
