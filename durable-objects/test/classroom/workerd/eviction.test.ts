import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import type { Entity, InstructorFrame } from "@cell-monitor/protocol";
import { afterEach, expect, test, vi } from "vitest";
import { ada, batchOf, type Fields, grace, numbered } from "../batches.ts";
import { type ClassStub, logRows, logTables, newClass, query, send } from "./class.ts";
import { snapshotOf, watch } from "./watch.ts";

const dayMs = 24 * 60 * 60 * 1000;

afterEach(() => vi.restoreAllMocks());

/** A lesson's messages: runs, errors, a raised hand, gaps, repeats, events without numbers, enough for a checkpoint. */
function messages(startMs: number): readonly (readonly Fields[])[] {
  const run = (from: number, to: number, fields: Fields): Fields[] =>
    numbered(from, to, { cellId: "c", notebookPath: "a.ipynb", ...fields }).map((event) => ({
      ...event,
      eventId: `${fields.studentId ?? ada}-${event.sequence}`,
      executionId: `${fields.studentId ?? ada}-${event.sequence}`,
    }));
  const ok = { eventType: "cell_execution_complete", status: "ok" } as const;
  const error = { eventType: "cell_execution_error", status: "error", errorName: "KeyError" } as const;
  const batches: Fields[][] = [
    run(1, 1, ok),
    run(2, 4, error),
    run(7, 8, ok),
    run(2, 6, error),
    [{ eventType: "help", helpId: "h", studentId: grace, eventId: "help" }],
    [{ eventType: "activity", studentId: grace, eventId: "alone" }],
    run(1, 70, { ...ok, studentId: grace }),
    run(60, 140, { ...ok, studentId: grace }),
    [{ eventType: "activity", studentId: grace, eventId: "alone" }],
    [{ eventType: "help_stop", helpId: "h", studentId: grace, eventId: "stop" }],
    run(9, 9, ok),
  ];
  return batches.map((batch, index) => batch.map((fields) => ({ timeMs: startMs + index * 10, ...fields })));
}

/** What a class has of it all in the end, and what it has answered. */
async function liveThrough(stub: ClassStub, startMs: number, afterEachStep: () => Promise<void>) {
  const answers: unknown[] = [];
  for (const [index, fields] of messages(startMs).entries()) {
    // Waking counts as a sign of life of who waits: it is to come when the student's own does.
    vi.spyOn(Date, "now").mockReturnValue(startMs + index * 10);
    answers.push(await send(stub, batchOf(fields, [], startMs + index * 10)));
    await afterEachStep();
    if (index % 4 !== 3) continue;
    await runDurableObjectAlarm(stub);
    await afterEachStep();
  }
  await runDurableObjectAlarm(stub);
  const { epoch: _, ...shown } = await snapshotOf(stub);
  return {
    answers,
    shown,
    log: await logRows(stub),
    cursors: await query(stub, "SELECT value FROM meta WHERE key = 'cursors'"),
  };
}

test("a class that is evicted after every message and every alarm answers, keeps and shows the same as one that isn't", async () => {
  const startMs = Date.now();
  const steady = await newClass();
  const evicted = await newClass();
  const expected = await liveThrough(steady, startMs, () => Promise.resolve());
  expect(await liveThrough(evicted, startMs, () => evictDurableObject(evicted))).toEqual(expected);
});

test("a dashboard keeps its connection through an eviction after every message, and misses nothing", async () => {
  const stub = await newClass();
  const dashboard = await watch(stub);
  const screen = new Screen();
  screen.apply(await dashboard.next());
  for (const fields of messages(Date.now())) {
    const { accepted } = await send(stub, batchOf(fields));
    if (accepted > 0) screen.apply(await dashboard.next());
    dashboard.say({ type: "seen", ...screen.point });
    await evictDurableObject(stub);
  }
  const { entities } = await snapshotOf(stub);
  expect(dashboard.closes).toEqual([]);
  expect(screen.studentsAndNotebooks()).toEqual(new Screen(entities).studentsAndNotebooks());
});

test("a dashboard that was away while the log was dropped sees all of it when it is back", async () => {
  const stub = await newClass({ retentionDays: 1 });
  const dashboard = await watch(stub);
  const screen = new Screen();
  const [first = [], ...later] = messages(Date.now());
  screen.apply(await dashboard.next());
  await send(stub, batchOf(first));
  screen.apply(await dashboard.next());
  dashboard.socket.close(1000);
  for (const fields of later) await send(stub, batchOf(fields));
  await runDurableObjectAlarm(stub);
  travel(3 * dayMs);
  await runDurableObjectAlarm(stub);
  expect(await logTables(stub)).toEqual([]);
  await evictDurableObject(stub);

  const { epoch, to } = screen.point;
  const again = await watch(stub, {}, `?epoch=${epoch}&to=${to}`);
  screen.apply(await again.next());
  const { entities, to: last } = await snapshotOf(stub);
  expect(screen.point.to).toBe(last);
  expect(screen.studentsAndNotebooks()).toEqual(new Screen(entities).studentsAndNotebooks());
});

test("an alarm that comes a day late does what it was set for", async () => {
  const stub = await newClass();
  await send(stub, batchOf(numbered(1, 3)));
  travel(dayMs);
  await runDurableObjectAlarm(stub);
  expect(await query(stub, "SELECT value FROM meta WHERE key = 'cursors'")).toEqual([
    { value: JSON.stringify({ influx: 3 }) },
  ]);
});

function travel(byMs: number): void {
  const startMs = Date.now();
  vi.spyOn(Date, "now").mockReturnValue(startMs + byMs);
}

/** What a dashboard shows. Frames must follow on each other. */
class Screen {
  readonly #entities = new Map<string, Entity>();
  point = { epoch: "", to: 0 };

  constructor(entities: readonly Entity[] = []) {
    for (const entity of entities) this.#put(entity);
  }

  apply(frame: InstructorFrame): void {
    if (frame.type !== "snapshot" && frame.type !== "patch") throw new Error(`a frame of ${frame.type}`);
    const { epoch, to } = this.point;
    if (frame.type === "snapshot") this.#entities.clear();
    else if (frame.epoch !== epoch || frame.from > to) throw new Error(`${frame.from} after ${to}`);
    for (const entity of frame.entities) this.#put(entity);
    this.point = { epoch: frame.epoch, to: frame.to };
  }

  /** Sorted, so that two can be compared. */
  studentsAndNotebooks(): readonly Entity[] {
    const shown = [...this.#entities.values()].filter(
      ({ kind }) => kind === "student" || kind === "notebook",
    );
    return shown.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  #put(entity: Entity): void {
    const key = `${entity.kind} ${entity.id}`;
    if (entity.data === null) this.#entities.delete(key);
    else this.#entities.set(key, entity);
  }
}
