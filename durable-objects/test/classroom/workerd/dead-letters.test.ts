import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import type { SinkName } from "@cell-monitor/protocol";
import { afterEach, expect, test, vi } from "vitest";
import type { ClassroomStub } from "../../../src/classroom/stub.ts";
import { DeadLetters, maxLetters } from "../../../src/classroom/storage/dead-letters.ts";
import { batchOf, loggedOf } from "../batches.ts";
import { type ClassStub, claimsOf, newClass, send } from "./class.ts";
import { snapshotOf, watch } from "./watch.ts";

afterEach(() => vi.restoreAllMocks());

const dayMs = 24 * 60 * 60 * 1000;
const all = { skip: 0, limit: 100, withEvents: false };

/** Dead letters as if stores had refused the events some time ago. */
function bury(stub: ClassStub, sink: SinkName, count: number, note = ""): Promise<void> {
  return runInDurableObject(stub, (_, { storage }) => {
    const letters = new DeadLetters(storage.sql);
    const events = loggedOf(Array.from({ length: count }, () => ({ note })));
    for (const event of events) letters.add(sink, event, "too long", 1_700_000_000_000 + event.version);
  });
}

/** The platform's types give up on what an event may hold; the worker's own say what the class answers. */
function asWorker(stub: ClassStub): Pick<ClassroomStub, "deadLetters"> {
  return stub;
}

async function list(stub: ClassStub, query: object = {}) {
  const answer = await asWorker(stub).deadLetters(claimsOf(), { ...all, ...query });
  if (!answer.ok) throw new Error(answer.refusal.code);
  return answer.value;
}

async function lettersShown(stub: ClassStub): Promise<unknown> {
  const { entities } = await snapshotOf(stub);
  return entities.find(({ kind, id }) => kind === "sink" && id === "influx")?.data;
}

test("an event that a store refuses for good is listed with its reason, and stays listed when it refuses again", async () => {
  const stub = await newClass();
  await send(stub, batchOf([{}, { eventId: "bad", notebookPath: "unwritable.ipynb" }, {}]));
  await runDurableObjectAlarm(stub);
  const { total, letters } = await list(stub);
  expect(total).toBe(1);
  expect(letters).toMatchObject([{ sink: "influx", version: 2, event_id: "bad", event_type: "activity" }]);
  expect(letters[0]?.reason).not.toBe("");
  const [id] = letters.map((letter) => letter.id);
  expect(await stub.replayDeadLetters(claimsOf(), {})).toMatchObject({
    value: { replayed: 0, kept: [{ id }] },
  });
  expect(await list(stub)).toMatchObject({ total: 1, letters: [{ id }] });
});

test("what is written when it is offered again leaves the list, and who watches sees the count fall", async () => {
  const stub = await newClass();
  await bury(stub, "influx", 3);
  expect(await lettersShown(stub)).toMatchObject({ deadLetters: 3 });
  const dashboard = await watch(stub);
  await dashboard.next();
  expect(await stub.replayDeadLetters(claimsOf(), { ids: [1, 3] })).toEqual({
    ok: true,
    value: { replayed: 2, kept: [] },
  });
  expect(await dashboard.next()).toMatchObject({
    entities: expect.arrayContaining([
      expect.objectContaining({ id: "influx", data: expect.objectContaining({ deadLetters: 1 }) }),
    ]),
  });
  expect(await list(stub)).toMatchObject({ total: 1, letters: [{ id: 2 }] });
  await evictDurableObject(stub);
  expect(await lettersShown(stub)).toMatchObject({ deadLetters: 1 });
});

test("letters to a store that is not set up are kept", async () => {
  const stub = await newClass();
  await bury(stub, "postgres", 1);
  expect(await stub.replayDeadLetters(claimsOf(), { sink: "postgres" })).toMatchObject({
    value: { replayed: 0, kept: [{ id: 1, reason: "The store is not set up." }] },
  });
});

test("a store that has asked for time is not bothered with its letters", async () => {
  const stub = await newClass({ classId: "refused" });
  await bury(stub, "influx", 1);
  await send(stub, batchOf([{}]));
  await runDurableObjectAlarm(stub);
  expect(await stub.replayDeadLetters(claimsOf(), {})).toMatchObject({
    value: { kept: [{ id: 1, reason: "The store does not answer at present." }] },
  });
});

test("more letters than one call takes are all come to by calling again, though the first are refused again", async () => {
  const stub = await newClass();
  await runInDurableObject(stub, (_, { storage }) => {
    const letters = new DeadLetters(storage.sql);
    const bad = { notebookPath: "unwritable.ipynb" };
    const events = loggedOf(Array.from({ length: 150 }, (__, index) => (index < 100 ? bad : {})));
    for (const event of events) letters.add("influx", event, "too long", 1_700_000_000_000);
  });
  expect(await stub.replayDeadLetters(claimsOf(), {})).toMatchObject({ value: { replayed: 0 } });
  expect(await stub.replayDeadLetters(claimsOf(), {})).toMatchObject({ value: { replayed: 50 } });
  expect(await list(stub)).toMatchObject({ total: 100 });
});

test("a list is of one store or of all, page by page, and holds the events only for those who may read them", async () => {
  const stub = await newClass();
  await bury(stub, "influx", 3, "secret");
  await bury(stub, "postgres", 2, "secret");
  expect(await list(stub, { skip: 2, limit: 2 })).toMatchObject({
    total: 5,
    letters: [{ id: 3 }, { id: 4 }],
  });
  expect(await list(stub, { sink: "postgres" })).toMatchObject({ total: 2, letters: [{ id: 4 }, { id: 5 }] });
  expect(JSON.stringify(await list(stub))).not.toContain("secret");
  expect(await list(stub, { withEvents: true, limit: 1 })).toMatchObject({
    letters: [{ event: { note: "secret" } }],
  });
});

test("a page of large events is cut short, and the next goes on where it ended", async () => {
  const stub = await newClass();
  await bury(stub, "influx", 6, "x".repeat(1_000_000));
  const first = await list(stub, { withEvents: true });
  expect(first.total).toBe(6);
  expect(first.letters.length).toBeLessThan(6);
  const second = await list(stub, { withEvents: true, skip: first.letters.length });
  expect(first.letters.length + second.letters.length).toBe(6);
});

test("a credential that the class no longer takes neither lists nor replays", async () => {
  const stub = await newClass();
  const stale = claimsOf({ keyVersion: 0 });
  const refused = { ok: false, refusal: { code: "token_revoked" } };
  expect(await asWorker(stub).deadLetters(stale, all)).toMatchObject(refused);
  expect(await stub.replayDeadLetters(stale, {})).toMatchObject(refused);
});

test("letters go when the days of their events do, and the count with them", async () => {
  const stub = await newClass({ retentionDays: 1 });
  const bad = { notebookPath: "unwritable.ipynb" };
  const startMs = Date.now();
  const now = vi.spyOn(Date, "now").mockReturnValue(startMs);
  await send(stub, batchOf([{}, bad]));
  await runDurableObjectAlarm(stub);
  now.mockReturnValue(startMs + 3 * dayMs);
  await send(stub, batchOf([bad]));
  expect(await list(stub)).toMatchObject({ total: 1 });
  await runDurableObjectAlarm(stub);
  await runDurableObjectAlarm(stub);
  expect(await list(stub)).toMatchObject({ total: 1, letters: [{ version: 3 }] });
  expect(await lettersShown(stub)).toMatchObject({ deadLetters: 1 });
});

test("a store that refuses more than is kept of it is waited for, so that nothing is lost, until there is room again", async () => {
  const stub = await newClass();
  await runInDurableObject(stub, (_, { storage: { sql } }) => {
    sql.exec(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
       INSERT INTO dead_letters (sink, version, reason, at_ms, received_ms, body)
       SELECT 'influx', 1000000 + i, 'too long', 0, 0, '{}' FROM n`,
      maxLetters,
    );
  });
  await evictDurableObject(stub);
  await send(stub, batchOf([{}, { eventId: "bad", notebookPath: "unwritable.ipynb" }, {}]));
  await runDurableObjectAlarm(stub);
  expect(await lettersShown(stub)).toEqual({ behind: 2, failing: true, deadLetters: maxLetters });
  await runInDurableObject(stub, (_, { storage: { sql } }) => {
    sql.exec("DELETE FROM dead_letters WHERE version = 1000001");
  });
  await evictDurableObject(stub);
  await runDurableObjectAlarm(stub);
  expect(await lettersShown(stub)).toEqual({ behind: 0, failing: false, deadLetters: maxLetters });
});

test("how many there are is counted once, not at every frame", async () => {
  const stub = await newClass();
  await send(stub, batchOf([{ notebookPath: "unwritable.ipynb" }]));
  await runDurableObjectAlarm(stub);
  expect(await lettersShown(stub)).toMatchObject({ deadLetters: 1 });
  const exec = await runInDurableObject(stub, (_, { storage }) => vi.spyOn(storage.sql, "exec"));
  for (let count = 0; count < 3; count += 1) {
    await send(stub, batchOf([{}]));
    await lettersShown(stub);
  }
  expect(exec.mock.calls.filter(([query]) => query.includes("dead_letters"))).toEqual([]);
});
