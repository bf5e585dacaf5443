import { neon, NeonDbError, neonConfig } from "@neondatabase/serverless";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { projections } from "../../src/event-types/registry.ts";
import { heedingFetch } from "../../src/sinks/postgres/heeding-fetch.ts";
import { outcomeOf } from "../../src/sinks/postgres/outcome.ts";
import { createPostgresSink } from "../../src/sinks/postgres/postgres-sink.ts";
import type { Sink } from "../../src/sinks/sink.ts";
import { classId, logged } from "./events.ts";
import { type Answer, nowhere, serve } from "./http-server.ts";
import { openPostgres, type PostgresStore, testGateway } from "./stores.ts";

neonConfig.fetchFunction = heedingFetch;
neonConfig.fetchEndpoint = (host, port) => `http://${host}:${port}/sql`;

const signal = () => AbortSignal.timeout(30_000);
const run = () => logged({ eventType: "cell_execution_complete", notebookPath: "a.ipynb", cellId: "c1" });

function sinkAt(databaseUrl: string): Sink {
  return createPostgresSink({ classId, sql: neon(databaseUrl), projections });
}

async function sinkAnswered(answer: Answer | undefined): Promise<Sink> {
  const url = await serve(() => answer);
  return sinkAt(`postgresql://user:secret@${new URL(url).host}/postgres`);
}

describe("a batch that Postgres refuses", () => {
  let store: PostgresStore;

  beforeAll(async () => {
    store = await openPostgres("embedded");
  });
  afterAll(() => store.close());
  beforeEach(() => store.reset(classId));

  it("is poison when a constraint can't hold, and nothing of it is kept", async () => {
    const sink = store.sinkFor(classId);
    const bad = logged({ eventType: "cell_execution_error", executionId: "x1", errorName: "Unwelcome" });
    await store.rows(
      "ALTER TABLE cell_executions ADD CONSTRAINT unwelcome CHECK (error_name <> 'Unwelcome')",
    );
    const outcome = await sink.write([run(), bad], signal());
    await store.rows("ALTER TABLE cell_executions DROP CONSTRAINT unwelcome");
    expect(outcome).toMatchObject({ kind: "poison", reason: expect.stringContaining("23514") as string });
    expect(await store.rows("SELECT id FROM students")).toEqual([]);
  });

  it("is tried again while the class isn't there, which is no fault of any event", async () => {
    const sink = store.sinkFor("0192dddd-0000-7000-8000-000000000001");
    expect(await sink.write([run()], signal())).toMatchObject({
      kind: "retry",
      reason: expect.stringContaining("23503") as string,
    });
  });

  it("is tried again while the schema isn't there", async () => {
    const gateway = await testGateway();
    try {
      const sink = sinkAt(gateway.databaseUrl);
      expect(await sink.write([run()], signal())).toMatchObject({
        kind: "retry",
        reason: expect.stringContaining("42P01") as string,
      });
      expect(
        await sinkAt(gateway.databaseUrl.replace(/:[^:@]+@/, ":wrong@")).write([run()], signal()),
      ).toMatchObject({
        kind: "retry",
      });
    } finally {
      await gateway.close();
    }
  });

  it("is written when the same sink finds the store mended", async () => {
    const sink = store.sinkFor(classId);
    const event = run();
    await store.rows("ALTER TABLE cell_executions RENAME TO away");
    expect(await sink.write([event], signal())).toMatchObject({ kind: "retry" });
    await store.rows("ALTER TABLE away RENAME TO cell_executions");
    expect(await sink.write([event], signal())).toEqual({ kind: "written" });
    expect(await store.rows("SELECT count(*) AS runs FROM cell_executions")).toEqual([{ runs: "1" }]);
  });
});

describe("what Postgres has already", () => {
  let store: PostgresStore;

  beforeAll(async () => {
    store = await openPostgres("embedded");
  });
  afterAll(() => store.close());
  beforeEach(() => store.reset(classId));

  it("is written again when a student was erased meanwhile", async () => {
    const sink = store.sinkFor(classId);
    await sink.write([run()], signal());
    await store.rows("DELETE FROM students");
    expect(await sink.write([run()], signal())).toEqual({ kind: "written" });
    const rows = await store.rows(
      "SELECT student_id FROM student_classes JOIN students ON students.id = student_id",
    );
    expect(rows).toHaveLength(1);
  });

  it("is left alone when there is no news of it", async () => {
    const sink = store.sinkFor(classId);
    expect(await sink.write([run()], signal())).toEqual({ kind: "written" });
    await store.rows(
      `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'written again'; END $$`,
    );
    for (const table of ["students", "student_classes"]) {
      await store.rows(
        `CREATE TRIGGER refuse BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION refuse()`,
      );
    }
    expect(await sink.write([run()], signal())).toEqual({ kind: "written" });
    await store.rows("DROP FUNCTION refuse CASCADE");
  });

  it("gives way to what later events say", async () => {
    const sink = store.sinkFor(classId);
    await sink.write([logged({ eventType: "activity", userName: "Ada" })], signal());
    await sink.write([logged({ eventType: "activity", userName: "Grace", teamName: "Blue" })], signal());
    const rows = await store.rows(
      `SELECT s.name, t.name AS team FROM students s
       JOIN student_classes c ON c.student_id = s.id JOIN teams t ON t.id = c.team_id`,
    );
    expect(rows).toEqual([{ name: "Grace", team: "Blue" }]);
  });
});

describe("a batch that doesn't reach Postgres", () => {
  it("is tried again when nobody listens", async () => {
    const sink = sinkAt(`postgresql://user:secret@${new URL(await nowhere()).host}/postgres`);
    expect(await sink.write([run()], signal())).toMatchObject({ kind: "retry" });
  });

  it("is tried again when it is given up waiting", async () => {
    const abort = new AbortController();
    const url = await serve(() => {
      abort.abort();
      return undefined;
    });
    const sink = sinkAt(`postgresql://user:secret@${new URL(url).host}/postgres`);
    expect(await sink.write([run()], abort.signal)).toMatchObject({ kind: "retry" });
  });

  it.for([429, 500, 502, 503, 402])("is tried again after an answer of %i", async (status) => {
    const sink = await sinkAnswered({ status, body: "not now" });
    expect(await sink.write([run()], signal())).toMatchObject({ kind: "retry" });
  });

  it.for([429, 503])("is tried again no sooner than an answer of %i asks for", async (status) => {
    const sink = await sinkAnswered({ status, headers: { "retry-after": "120" }, body: "not now" });
    expect(await sink.write([run()], signal())).toEqual({
      kind: "retry",
      reason: expect.stringContaining("not now") as string,
      retryAfterMs: 120_000,
    });
  });

  it("is parted after an answer of 413", async () => {
    const sink = await sinkAnswered({ status: 413, body: "too large" });
    expect(await sink.write([run()], signal())).toMatchObject({ kind: "poison" });
  });

  it("is tried again after an answer that is no answer", async () => {
    const sink = await sinkAnswered({ status: 200, body: "<html>" });
    expect(await sink.write([run()], signal())).toMatchObject({ kind: "retry" });
  });
});

describe("the meaning of an SQLSTATE", () => {
  it.for([
    ["22003", "poison"],
    ["23514", "poison"],
    ["21000", "poison"],
    ["54000", "poison"],
    ["08006", "retry"],
    ["40P01", "retry"],
    ["53300", "retry"],
    ["57P01", "retry"],
    ["57014", "retry"],
    ["28P01", "retry"],
    ["42703", "retry"],
    ["25006", "retry"],
    ["XX000", "retry"],
  ] as const)("%s is %s", ([code, kind]) => {
    const error = new NeonDbError("refused");
    error.code = code;
    expect(outcomeOf(error)).toEqual({ kind, reason: `${code} refused` });
  });
});
