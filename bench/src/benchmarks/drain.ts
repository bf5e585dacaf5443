import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { projections } from "@cell-monitor/durable-objects/event-types";
import { createPostgresSink, type LoggedEvent, tables } from "@cell-monitor/durable-objects/sinks/postgres";
import { startGateway } from "@cell-monitor/gateway";
import { admitEvent } from "@cell-monitor/protocol";
import { neon, neonConfig, type NeonQueryFunction } from "@neondatabase/serverless";

import { createDatabase } from "../database.ts";
import { type Figure, Figures } from "../figures.ts";
import { Page } from "../lesson.ts";

const migrations = fileURLToPath(new URL("../../../migrations", import.meta.url));
const classId = "0192aaaa-0000-7000-8000-000000000001";
const students = 200;
const eventCount = 10_000;
const batchSize = 1_000;
const batches = eventCount / batchSize;
const timeoutMs = 60_000;

/** Tables that grow with every event; of the others a raw insert writes all rows at once. */
const leaves = new Set(["cell_executions", "notebook_accesses", "progress_events"]);

/** How the sink's writing compares with inserting the rows it ends up with, and nothing else. */
export async function drain(runs: number): Promise<Figure[]> {
  await using database = await createDatabase();
  const gateway = await startGateway({
    port: 0,
    databaseUrl: database?.url,
    postgresPassword: randomUUID(),
    influxToken: randomUUID(),
    log: () => undefined,
  });
  try {
    await gateway.migrate(migrations);
    neonConfig.fetchEndpoint = () => gateway.sqlUrl;
    const sql = neon(gateway.databaseUrl);
    const events = eventsOfAClass();

    const reset = async (): Promise<void> => {
      await gateway.query("DELETE FROM classes");
      await gateway.query("DELETE FROM students");
      await gateway.query("INSERT INTO classes (id, class_code, name) VALUES ($1, 'BENCH', 'Bench')", [
        classId,
      ]);
      await gateway.query("VACUUM");
    };
    const timeSink = async (): Promise<number> => {
      await reset();
      const startMs = performance.now();
      await writeAll(sql, events);
      return performance.now() - startMs;
    };

    await timeSink();
    const written = new Map<string, Row[]>();
    for (const { name } of tables) written.set(name, await gateway.query(`SELECT * FROM ${name}`));
    const timeRaw = async (): Promise<number> => {
      await reset();
      const startMs = performance.now();
      for (let batch = 0; batch < batches; batch += 1) {
        const inserts = insertsOf(written, batch);
        await sql.transaction(inserts.map(({ text, columns }) => sql.query(text, columns)));
      }
      return performance.now() - startMs;
    };

    await timeRaw();
    const figures = new Figures();
    for (let run = 0; run < runs; run += 1) {
      const sinkMs = await timeSink();
      const rawMs = await timeRaw();
      figures.add("drain", (eventCount / sinkMs) * 1000, "events/s");
      figures.add("raw unnest insert of the same rows", (eventCount / rawMs) * 1000, "events/s");
      figures.add("drain, share of raw", (rawMs / sinkMs) * 100, "%");
      figures.add("processor time of the sink itself", await ownMicroseconds(events), "µs an event");
    }
    return figures.list();
  } finally {
    await gateway.close();
  }
}

async function writeAll(sql: NeonQueryFunction<false, false>, events: readonly LoggedEvent[]): Promise<void> {
  // A sink of its own, since one that lives on remembers the ids of what it wrote.
  const sink = createPostgresSink({ classId, sql, projections });
  for (let start = 0; start < eventCount; start += batchSize) {
    const batch = events.slice(start, start + batchSize);
    const outcome = await sink.write(batch, AbortSignal.timeout(timeoutMs));
    if (outcome.kind !== "written") throw new Error(`${outcome.kind}: ${outcome.reason}`);
  }
}

/** What a class's object, which has one thread for all it does, spends on an event beside waiting for the store. */
async function ownMicroseconds(events: readonly LoggedEvent[]): Promise<number> {
  neonConfig.fetchFunction = () => Promise.resolve(Response.json({ results: [] }));
  try {
    const before = process.cpuUsage();
    await writeAll(neon("postgresql://nobody:nothing@nowhere.invalid/nothing"), events);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / eventCount;
  } finally {
    neonConfig.fetchFunction = undefined;
  }
}

type Row = Readonly<Record<string, string | null>>;

interface Insert {
  readonly text: string;
  readonly columns: (string | null)[][];
}

/** The same columns and as many transactions as the sink's, but neither conflicts to settle nor order to compare. */
function insertsOf(written: ReadonlyMap<string, readonly Row[]>, batch: number): Insert[] {
  return tables.flatMap(({ name, columns }) => {
    const all = written.get(name) ?? [];
    const perBatch = leaves.has(name) ? Math.ceil(all.length / batches) : all.length;
    const rows = all.slice(batch * perBatch, (batch + 1) * perBatch);
    if (rows.length === 0) return [];
    const types = new Map<string, string>(Object.entries(columns).map(([key, { type }]) => [key, type]));
    // The sink gives the team by name, and the database looks its id up.
    if (name === "student_classes") types.set("team_id", "uuid");
    if (Object.values(columns).some(({ rule }) => rule.kind === "own")) types.set("set_by", "jsonb");
    const names = [...types.keys()];
    const lists = [...types.values()].map((type, index) => `$${index + 1}::${type}[]`);
    return [
      {
        text: `INSERT INTO ${name} (${names.join(", ")}) SELECT * FROM unnest(${lists.join(", ")})`,
        columns: names.map((key) => rows.map((row) => row[key] ?? null)),
      },
    ];
  });
}

/** As the log has them after admission: students in turn, a hundredth of a second apart. */
function eventsOfAClass(): LoggedEvent[] {
  const startMs = Date.parse("2026-04-01T09:00:00Z");
  const receivedMs = startMs + 60 * 60 * 1000;
  const pages = Array.from({ length: students }, (_, index) => ({
    page: new Page(),
    // As the class stamps every event with what the student's credential says.
    userName: `Student ${index}`,
    studentId: `0192bbbb-0000-8000-8000-${String(index).padStart(12, "0")}`,
  }));
  return Array.from({ length: eventCount / students }, () => pages)
    .flat()
    .map(({ page, studentId, userName }, index) => {
      const verdict = admitEvent({ ...page.next(startMs + index * 10), userName }, { receivedMs });
      if (!verdict.ok) throw new Error(`not admitted: ${verdict.message}`);
      return { version: index + 1, studentId, receivedMs, ...verdict.admitted };
    });
}
