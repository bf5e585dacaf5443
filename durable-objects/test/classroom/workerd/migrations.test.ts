import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { DeadLetters } from "../../../src/classroom/storage/dead-letters.ts";
import { migrate, migrations } from "../../../src/classroom/storage/migrations.ts";
import { ada, batchOf, numbered } from "../batches.ts";
import { type ClassStub, newClass, query, send, settingsOf } from "./class.ts";
import { snapshotOf } from "./watch.ts";

interface Case {
  /** SHA-256 of the migration's SQL: what has run somewhere is not edited. */
  readonly sha256: string;
  /** Fills a storage of the form before it with what a class of that time leaves there. */
  seed(sql: SqlStorage): void;
  /** Holds what became of that against what it is to be. */
  check(sql: SqlStorage): void;
}

const nowMs = Date.now();
const event = { eventId: "third", eventType: "activity", eventTime: new Date(nowMs).toISOString() };
const letter = { version: 2, studentId: ada, receivedMs: nowMs, timeMs: nowMs, event };

const place = { notebook: "a.ipynb", cellId: "c", cellIndex: 0 };
const key = [nowMs, 8, "session"];
/** As a checkpoint first had one. */
const student = {
  id: ada,
  version: 2,
  name: { key, text: "Ada" },
  seenMs: nowMs,
  activeMs: nowMs,
  sessions: [{ id: "session", lastMs: nowMs }],
  runs: [
    { executionId: "x", slot: 0, key, ended: { key, ...place, status: "ok", code: "1 + 1", result: "2" } },
  ],
  aborted: [],
  kernelsGone: [],
  runCount: 1,
  errorCount: 0,
  ends: [{ key, cell: "c", isError: false }],
  lastRun: { key, ...place, status: "ok", endedMs: nowMs },
  doneCells: ["c"],
  helps: [],
};

function seedFirst(sql: SqlStorage): void {
  const mark = { highest: 9, gaps: [[2, 3]] };
  const state = { version: 2, sessions: [[`${ada}/session`, mark]], students: [student], notebooks: [] };
  const log = `log_${Math.floor(nowMs / 86_400_000)}`;
  const settings = JSON.stringify(settingsOf());
  sql.exec("INSERT INTO meta (key, value) VALUES ('settings', ?), ('epoch', '\"e\"')", settings);
  sql.exec("INSERT INTO meta (key, value) VALUES ('cursors', ?)", JSON.stringify({ influx: 2 }));
  sql.exec("INSERT INTO checkpoint (part, body) VALUES ('000000', ?)", JSON.stringify(state));
  sql.exec("INSERT INTO unnumbered (received_ms, body) VALUES (?, ?)", nowMs, `["${ada}/known"]`);
  sql.exec("INSERT INTO spent_tickets (id, expires_ms) VALUES ('spent', 9000000000000)");
  sql.exec(
    "INSERT INTO dead_letters (sink, version, reason, at_ms, body) VALUES ('influx', 2, 'too long', 5, ?)",
    JSON.stringify(letter),
  );
  sql.exec(`CREATE TABLE ${log} (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, body TEXT NOT NULL)`);
  const logged = JSON.stringify({ events: [{ s: ada, r: nowMs, t: nowMs, e: event }] });
  sql.exec(`INSERT INTO ${log} (first, last, body) VALUES (3, 3, ?)`, logged);
}

function count(sql: SqlStorage, table: string): number {
  return sql.exec<{ n: number }>(`SELECT count(*) AS n FROM ${table}`).one().n;
}

/** One for every migration, by its id: another cannot be added without its own. */
const cases: Readonly<Record<string, Case>> = {
  "0001-log-and-checkpoint": {
    sha256: "c7a73b3e57001e4b70ebafca98d2cca25cd2b49a07b5e1493a30a6bde9562905",
    seed: () => {},
    check: (sql) => {
      for (const table of ["meta", "checkpoint", "unnumbered", "spent_tickets", "dead_letters"]) {
        expect(count(sql, table)).toBe(0);
      }
    },
  },
  "0002-refused-numbers": {
    sha256: "0580736e077e568996d598310c84abb2d2a2f31ace7634bd0f3b61be9495b02c",
    seed: seedFirst,
    check: (sql) => {
      expect(count(sql, "refused_numbers")).toBe(0);
      expect(count(sql, "dead_letters")).toBe(1);
    },
  },
  "0003-settled-sessions": {
    sha256: "07005aad930194dce68cd98117d7e9f32c43037109c7d0e550ec69dd51708431",
    seed: (sql) => {
      const refused = [{ studentId: ada, sessionId: "session", sequence: 2 }];
      seedFirst(sql);
      sql.exec("INSERT INTO refused_numbers (body) VALUES (?)", JSON.stringify(refused));
    },
    check: (sql) => {
      expect(count(sql, "sessions") + count(sql, "forgotten_sessions")).toBe(0);
      expect(count(sql, "refused_numbers")).toBe(1);
      const letters = new DeadLetters(sql);
      expect(letters.list("influx", 0, 9)).toMatchObject([{ id: 1, reason: "too long", ...letter }]);
      letters.expire(letter.receivedMs);
      expect(letters.count("influx")).toBe(1);
      letters.expire(letter.receivedMs + 1);
      expect(letters.count("influx")).toBe(0);
    },
  },
  "0004-notices": {
    sha256: "9232f28982d0c6d279f5cdcd57e0e67ded0c1ddec99e10ca0d835e747941aa98",
    seed: seedFirst,
    check: (sql) => expect(count(sql, "notices") + count(sql, "notices_told")).toBe(0),
  },
};

/** Leaves a class with a storage as it was before a migration. */
function leaveBefore(stub: ClassStub, position: number, then?: (storage: DurableObjectStorage) => void) {
  return runInDurableObject(stub, (_, { storage }) => {
    const { sql } = storage;
    const own = "type = 'table' AND substr(name, 1, 7) <> 'sqlite_' AND substr(name, 1, 4) <> '_cf_'";
    const tables = sql.exec<{ name: string }>(`SELECT name FROM sqlite_master WHERE ${own}`).toArray();
    for (const { name } of tables) sql.exec(`DROP TABLE ${name}`);
    migrate(storage, migrations.slice(0, position));
    cases[migrations[position]?.id ?? ""]?.seed(sql);
    then?.(storage);
  });
}

async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const all = migrations.map(({ id, sql }, position) => ({ id, sql, position }));

test("every migration has its test here, in their order", () => {
  expect(Object.keys(cases)).toEqual(migrations.map(({ id }) => id));
});

test.for(all)("$id is what it was when it first ran", async ({ id, sql }) => {
  expect(await hashOf(sql)).toBe(cases[id]?.sha256);
});

test.for(all)("$id takes over what its predecessor's storage holds", async ({ id, position }) => {
  const stub = await newClass();
  await leaveBefore(stub, position, (storage) => {
    migrate(storage, migrations.slice(0, position + 1));
    cases[id]?.check(storage.sql);
  });
  expect((await query(stub, "SELECT id FROM migrations ORDER BY position")).at(-1)).toEqual({ id });
});

test.for(all.slice(1))(
  "a class that was left before $id wakes with all that it knew",
  async ({ position }) => {
    const stub = await newClass();
    await leaveBefore(stub, position);
    await evictDurableObject(stub);
    expect(await snapshotOf(stub)).toMatchObject({
      epoch: "e",
      to: 3,
      entities: expect.arrayContaining([
        expect.objectContaining({
          kind: "student",
          id: ada,
          data: expect.objectContaining({ name: "Ada", runs: 1 }),
        }),
      ]),
    });
    expect(
      await send(stub, batchOf([...numbered(3, 4), { eventId: "known" }, { eventId: "third" }])),
    ).toMatchObject({
      accepted: 1,
      duplicates: 3,
      acks: [{ through: 9 }],
    });
    await runInDurableObject(stub, (_, { storage: { sql } }) => {
      expect(new DeadLetters(sql).list("influx", 0, 9)).toMatchObject([letter]);
    });
  },
);
