import type { ClassStorage } from "../platform.ts";

interface Migration {
  readonly id: string;
  readonly sql: string;
}

/** Append-only: what has run on a class's storage is never edited, only followed. */
export const migrations: readonly Migration[] = [
  {
    id: "0001-log-and-checkpoint",
    sql: `
      CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
      CREATE TABLE checkpoint (part TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
      CREATE TABLE unnumbered (received_ms INTEGER PRIMARY KEY, body TEXT NOT NULL);
      CREATE TABLE spent_tickets (id TEXT PRIMARY KEY, expires_ms INTEGER NOT NULL) WITHOUT ROWID;
      CREATE TABLE dead_letters (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        sink TEXT NOT NULL,
        version INTEGER NOT NULL,
        reason TEXT NOT NULL,
        at_ms INTEGER NOT NULL,
        body TEXT NOT NULL,
        UNIQUE (sink, version)
      );`,
  },
  {
    id: "0002-refused-numbers",
    sql: "CREATE TABLE refused_numbers (id INTEGER PRIMARY KEY, body TEXT NOT NULL);",
  },
  {
    id: "0003-settled-sessions",
    sql: `
      CREATE TABLE sessions (key TEXT PRIMARY KEY, seen_ms INTEGER NOT NULL, mark TEXT NOT NULL) WITHOUT ROWID;
      CREATE TABLE forgotten_sessions (id TEXT PRIMARY KEY) WITHOUT ROWID;
      ALTER TABLE dead_letters ADD COLUMN received_ms INTEGER NOT NULL DEFAULT 0;
      UPDATE dead_letters SET received_ms = json_extract(body, '$.receivedMs');`,
  },
  {
    id: "0004-notices",
    sql: `
      CREATE TABLE notices (
        id INTEGER PRIMARY KEY AUTOINCREMENT, student_id TEXT, at_ms INTEGER NOT NULL, body TEXT NOT NULL
      );
      CREATE TABLE notices_told (student_id TEXT PRIMARY KEY, through INTEGER NOT NULL) WITHOUT ROWID;`,
  },
];

/** Brings a class's storage to the newest form. Throws when it was written by something newer or other. */
export function migrate(
  storage: Pick<ClassStorage, "sql" | "transactionSync">,
  list: readonly Migration[] = migrations,
): void {
  storage.transactionSync(() => {
    storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS migrations (position INTEGER PRIMARY KEY, id TEXT NOT NULL)",
    );
    const applied = storage.sql.exec<{ id: string }>("SELECT id FROM migrations ORDER BY position").toArray();
    for (const [position, { id }] of applied.entries()) {
      if (list[position]?.id !== id) throw new Error(`The class's storage holds an unknown migration: ${id}`);
    }
    for (const [position, migration] of list.entries()) {
      if (position < applied.length) continue;
      storage.sql.exec(migration.sql);
      storage.sql.exec("INSERT INTO migrations (position, id) VALUES (?, ?)", position, migration.id);
    }
  });
}
