import { neon, NeonDbError, type NeonQueryFunction } from "@neondatabase/serverless";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";

import { createDatabase, describeOnPostgres } from "../../migrations/test/postgres.ts";
import type { Gateway } from "../src/index.ts";
import { freePort } from "./engines.ts";
import { gatewayForTest, openGateway } from "./gateways.ts";
import { openProxy } from "./proxy.ts";

const SERVER_URL = process.env["TEST_DATABASE_URL"];

interface Started {
  readonly gateway: Gateway;
  stop(): Promise<void>;
}

describe("/sql on PGlite", () => {
  speaksNeonsProtocol(async () => {
    const gateway = await openGateway();
    return { gateway, stop: () => gateway.close() };
  });
});

describeOnPostgres("/sql on a PostgreSQL server", () => {
  speaksNeonsProtocol(async () => {
    const database = await createDatabase();
    const gateway = await openGateway({ databaseUrl: database.url });
    const stop = async (): Promise<void> => {
      await gateway.close();
      await database.drop();
    };
    return { gateway, stop };
  });
});

describeOnPostgres("/sql when the PostgreSQL server fails it", () => {
  it("ends a statement at its time limit, as 57014", async () => {
    const database = await createDatabase();
    const gateway = await gatewayForTest({ databaseUrl: database.url, requestTimeoutMs: 200 });
    onTestFinished(() => database.drop());

    const error = await failureOf(neon(gateway.databaseUrl)`SELECT pg_sleep(60)`);

    expect(error).toMatchObject({ code: "57014" });
    expect(await neon(gateway.databaseUrl)`SELECT 1 AS x`).toEqual([{ x: 1 }]);
  });

  it("says so when the server ends the connection, and takes a new one", async () => {
    const gateway = await gatewayForTest({ databaseUrl: SERVER_URL });
    const sql = neon(gateway.databaseUrl);

    const error = await failureOf(sql`SELECT pg_terminate_backend(pg_backend_pid())`);

    expect(error).toMatchObject({ code: "57P01" });
    expect(await sql`SELECT 1 AS x`).toEqual([{ x: 1 }]);
  });

  it("answers 503 while the server can't be reached", async () => {
    const database = await createDatabase();
    const port = await freePort();
    const proxy = await openProxy(port, new URL(database.url));
    const url = new URL(database.url);
    url.host = `127.0.0.1:${port}`;
    const gateway = await gatewayForTest({ databaseUrl: url.href });
    onTestFinished(() => database.drop());
    const sql = neon(gateway.databaseUrl);
    expect(await sql`SELECT 1 AS x`).toEqual([{ x: 1 }]);

    await proxy.close();
    const error = await failureOf(sql`SELECT 1`);

    expect(error.message).toMatch(/HTTP status 503.*cannot connect to the database/);
    const again = await openProxy(port, new URL(database.url));
    onTestFinished(() => again.close());
    expect(await sql`SELECT 1 AS x`).toEqual([{ x: 1 }]);
  });
});

function speaksNeonsProtocol(start: () => Promise<Started>): void {
  let started: Started;
  let sql: NeonQueryFunction<false, false>;

  beforeAll(async () => {
    started = await start();
    sql = neon(started.gateway.databaseUrl);
    await sql`CREATE TABLE people (id integer CONSTRAINT people_key PRIMARY KEY, name text NOT NULL)`;
    await sql`CREATE TABLE pets (owner integer CONSTRAINT pet_owner REFERENCES people DEFERRABLE INITIALLY DEFERRED)`;
  });
  beforeEach(() => sql`TRUNCATE people, pets`);
  afterAll(() => started.stop());

  it("answers a query with rows as objects of parsed values", async () => {
    const rows =
      await sql`SELECT ${1}::int AS one, ${"x"} AS text, ${null}::text AS none, true AS yes, '{"a":[1]}'::jsonb AS json`;

    expect(rows).toEqual([{ one: 1, text: "x", none: null, yes: true, json: { a: [1] } }]);
  });

  it("answers with rows as arrays when asked, even with two columns of one name", async () => {
    expect(await sql.query("SELECT 1 AS x, 2 AS x", [], { arrayMode: true })).toEqual([[1, 2]]);
  });

  it("answers with fields, command and row count when asked for full results", async () => {
    const inserted = await sql.query("INSERT INTO people VALUES (1, 'Ada'), (2, 'Bo') RETURNING id", [], {
      fullResults: true,
    });

    expect(inserted).toMatchObject({
      command: "INSERT",
      rowCount: 2,
      rowAsArray: false,
      rows: [{ id: 1 }, { id: 2 }],
      fields: [
        { name: "id", dataTypeID: 23, dataTypeSize: 4, dataTypeModifier: -1, columnID: 1, format: "text" },
      ],
    });
  });

  it("counts the rows of a statement that returns none", async () => {
    await sql`INSERT INTO people VALUES (1, 'Ada'), (2, 'Bo')`;

    const updated = await sql.query("UPDATE people SET name = $1", ["Cy"], { fullResults: true });

    expect(updated).toMatchObject({ command: "UPDATE", rowCount: 2, rows: [], fields: [] });
  });

  it("takes arrays, JSON, dates, bytes and metacharacters as parameters", async () => {
    const awkward = `'; DROP TABLE people; -- "\\ {,} \u{1f9ea}`;

    const [row] = await sql`SELECT ${[1, null, 3]}::int[] AS numbers, ${[awkward, "", null]}::text[] AS texts,
      ${{ a: awkward }}::jsonb AS json, ${new Date(0)}::timestamptz AS date, ${Buffer.from([0, 255])}::bytea AS bytes,
      ${awkward}::text AS text, ${false}::boolean AS no`;

    expect(row).toEqual({
      numbers: [1, null, 3],
      texts: [awkward, "", null],
      json: { a: awkward },
      date: new Date(0),
      bytes: Buffer.from([0, 255]),
      text: awkward,
      no: false,
    });
  });

  it("inserts a batch from arrays by unnest", async () => {
    const ids = Array.from({ length: 1000 }, (_, i) => i);
    const names = ids.map((id) => `student "${id}", {x}`);

    await sql`INSERT INTO people SELECT * FROM unnest(${ids}::int[], ${names}::text[])`;

    expect(await sql`SELECT count(*)::int AS count, max(name) AS max FROM people`).toEqual([
      { count: 1000, max: 'student "999", {x}' },
    ]);
  });

  it("runs the queries of a transaction together, each with its own result", async () => {
    const results = await sql.transaction([
      sql`INSERT INTO people VALUES (1, 'Ada')`,
      sql`SELECT name FROM people`,
      sql`UPDATE people SET name = 'Bo' RETURNING name`,
    ]);

    expect(results).toEqual([[], [{ name: "Ada" }], [{ name: "Bo" }]]);
    expect(await sql`SELECT name FROM people`).toEqual([{ name: "Bo" }]);
  });

  it("leaves nothing of a transaction in which one query fails", async () => {
    const failing = sql.transaction([
      sql`INSERT INTO people VALUES (1, 'Ada')`,
      sql`INSERT INTO people VALUES (2, ${null})`,
      sql`INSERT INTO people VALUES (3, 'Cy')`,
    ]);

    await expect(failing).rejects.toMatchObject({ code: "23502", column: "name", table: "people" });
    expect(await sql`SELECT * FROM people`).toEqual([]);
  });

  it("leaves nothing of a transaction that fails as it commits", async () => {
    const failing = sql.transaction([sql`INSERT INTO pets VALUES (404)`, sql`SELECT 1`]);

    await expect(failing).rejects.toMatchObject({ code: "23503", constraint: "pet_owner" });
    expect(await sql`SELECT * FROM pets`).toEqual([]);
  });

  it("does not say a transaction is done that a query of it ended", async () => {
    const failing = sql.transaction([
      sql`INSERT INTO people VALUES (1, 'Ada')`,
      sql`ROLLBACK`,
      sql`SELECT 1`,
    ]);

    await expect(failing).rejects.toMatchObject({ code: "2D000" });
    expect(await sql`SELECT * FROM people`).toEqual([]);
  });

  it("answers an empty transaction with no results", async () => {
    expect(await sql.transaction([])).toEqual([]);
  });

  it("runs a transaction in the mode it is asked for", async () => {
    const settings = await sql.transaction(
      [
        sql`SELECT current_setting('transaction_isolation') AS value`,
        sql`SELECT current_setting('transaction_read_only') AS value`,
        sql`SELECT current_setting('transaction_deferrable') AS value`,
      ],
      { isolationLevel: "Serializable", readOnly: true, deferrable: true },
    );

    expect(settings).toEqual([[{ value: "serializable" }], [{ value: "on" }], [{ value: "on" }]]);
    const writing = sql.transaction([sql`INSERT INTO people VALUES (1, 'Ada')`], { readOnly: true });
    await expect(writing).rejects.toMatchObject({ code: "25006" });
  });

  it("names what a unique violation violates", async () => {
    await sql`INSERT INTO people VALUES (1, 'Ada')`;

    const error = await failureOf(sql`INSERT INTO people VALUES (1, 'Bo')`);

    expect(error).toBeInstanceOf(NeonDbError);
    expect(error).toMatchObject({
      severity: "ERROR",
      code: "23505",
      message: 'duplicate key value violates unique constraint "people_key"',
      detail: "Key (id)=(1) already exists.",
      schema: "public",
      table: "people",
      constraint: "people_key",
    });
  });

  it.each([
    ["a table that isn't there", "SELECT * FROM nowhere", [], { code: "42P01", position: "15" }],
    ["a syntax error", "SELEC 1", [], { code: "42601", position: "1" }],
    ["a parameter of the wrong type", "SELECT $1::int", ["abc"], { code: "22P02" }],
    ["a parameter too few", "SELECT $1::int, $2::int", [1], { code: "08P01" }],
    ["U+0000 in a text", "SELECT $1::text", ["a\u0000b"], { code: "22021" }],
    ["two statements in one", "SELECT 1; SELECT 2", [], { code: "42601" }],
    ["an error raised in a function", "SELECT 1/0", [], { code: "22012", message: "division by zero" }],
    [
      "a hint",
      "SELECT nmae FROM people",
      [],
      { code: "42703", hint: expect.stringContaining("people.name") },
    ],
  ])("answers %s with its SQLSTATE, and works on", async (_what, text, params, expected) => {
    expect(await failureOf(sql.query(text, params))).toMatchObject(expected);
    expect(await sql`SELECT 1 AS x`).toEqual([{ x: 1 }]);
  });

  it("answers an empty query with no rows", async () => {
    expect(await sql.query("")).toEqual([]);
  });

  it("lets no session state of a request reach the next one", async () => {
    await sql`SET search_path TO pg_catalog`;
    await sql`BEGIN`;
    await sql`CREATE TEMPORARY TABLE people (other text)`;
    await sql`SELECT pg_advisory_lock(7)`;

    expect(await sql`SELECT current_setting('search_path') LIKE '%public%' AS public`).toEqual([
      { public: true },
    ]);
    expect(await sql`SELECT id FROM people`).toEqual([]);
    expect(await sql`SELECT * FROM pg_locks WHERE locktype = 'advisory' AND objid = 7`).toEqual([]);
  });

  it("keeps concurrent requests apart", async () => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, async (_, i) => {
        if (i % 10 === 3) return (await failureOf(sql`SELECT 1/${i - i}::int`)).code;
        return sql.transaction([
          sql`INSERT INTO people VALUES (${i}, ${`s${i}`}) RETURNING id`,
          sql`SELECT name FROM people WHERE id = ${i}`,
        ]);
      }),
    );

    expect(answers).toEqual(
      Array.from({ length: 100 }, (_, i) => (i % 10 === 3 ? "22012" : [[{ id: i }], [{ name: `s${i}` }]])),
    );
  });

  it("carries a megabyte each way", async () => {
    const text = "é".repeat(1_000_000);

    expect(await sql`SELECT ${text} AS text`).toEqual([{ text }]);
  });
}

async function failureOf(query: Promise<unknown>): Promise<NeonDbError> {
  try {
    await query;
  } catch (error) {
    if (error instanceof NeonDbError) return error;
    throw error;
  }
  throw new Error("the query did not fail");
}
