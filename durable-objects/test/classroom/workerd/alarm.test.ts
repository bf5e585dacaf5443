import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, expect, test, vi } from "vitest";
import type { Classroom } from "../../../src/classroom/classroom.ts";
import { Drainer } from "../../../src/classroom/drain/drainer.ts";
import { HelpExpiry } from "../../../src/classroom/help-expiry.ts";
import { Log } from "../../../src/classroom/storage/log.ts";
import { batchOf, grace, numbered } from "../batches.ts";
import { again, alarmMs, claimsOf, logRows, logTables, newClass, query, send, settingsOf } from "./class.ts";
import { snapshotOf } from "./watch.ts";

const dayMs = 24 * 60 * 60 * 1000;
const cursorQuery = "SELECT value FROM meta WHERE key = 'cursors'";

afterEach(() => vi.restoreAllMocks());

function travel(byMs: number): void {
  const startMs = Date.now();
  vi.spyOn(Date, "now").mockReturnValue(startMs + byMs);
}

test("a class that has recorded nothing has no alarm", async () => {
  const stub = await newClass();
  expect(await alarmMs(stub)).toBeNull();
});

test("what was recorded has an alarm within five seconds, which drains it and then waits for retention only", async () => {
  const stub = await newClass({ retentionDays: 30 });
  await send(stub, batchOf(numbered(1, 3)));
  const armedMs = await alarmMs(stub);
  expect(armedMs).toBeLessThanOrEqual(Date.now() + 5_000);
  expect(await runDurableObjectAlarm(stub)).toBe(true);
  expect(await query(stub, cursorQuery)).toEqual([{ value: JSON.stringify({ influx: 3 }) }]);
  expect(await alarmMs(stub)).toBeGreaterThan(Date.now() + 29 * dayMs);
});

test("a second alarm, or one that comes for nothing, changes nothing", async () => {
  const stub = await newClass();
  await send(stub, batchOf(numbered(1, 3)));
  await runDurableObjectAlarm(stub);
  const before = await snapshotOf(stub);
  const rows = await logRows(stub);
  await runDurableObjectAlarm(stub);
  expect(await snapshotOf(stub)).toEqual(before);
  expect(await logRows(stub)).toEqual(rows);
});

test("a class whose alarm was dropped sets one when it wakes, and none where one stands", async () => {
  const stub = await newClass();
  await send(stub, batchOf([{}]));
  const standingMs = await alarmMs(stub);
  await evictDurableObject(stub);
  await stub.check(claimsOf());
  expect(await alarmMs(stub)).toBe(standingMs);
  await runInDurableObject(stub, (_, { storage }) => storage.deleteAlarm());
  await evictDurableObject(stub);
  await stub.check(claimsOf());
  await expect.poll(() => alarmMs(stub)).toBeLessThanOrEqual(Date.now() + 5_000);
  expect(await alarmMs(stub)).not.toBeNull();
});

test("an alarm is set once for many commits, and comes earlier for what is due earlier", async () => {
  const stub = await newClass();
  await send(stub, batchOf([{}]));
  const armedMs = await alarmMs(stub);
  for (let count = 0; count < 5; count += 1) await send(stub, batchOf([{}]));
  expect(await alarmMs(stub)).toBe(armedMs);
});

test("a store that asks for time is given it, and commits meanwhile set no alarm again", async () => {
  const stub = await newClass({ classId: "refused" });
  await send(stub, batchOf([{}]));
  await runDurableObjectAlarm(stub);
  const armedMs = await alarmMs(stub);
  expect(armedMs).toBeGreaterThan(Date.now() + 290_000);
  const setAlarm = await runInDurableObject(stub, (_, { storage }) => vi.spyOn(storage, "setAlarm"));
  await send(stub, batchOf([{}]));
  await send(stub, batchOf([{}]));
  expect(setAlarm).not.toHaveBeenCalled();
  expect(await alarmMs(stub)).toBe(armedMs);
  expect(await query(stub, cursorQuery)).toEqual([]);
});

test("a hand that was raised while a store is away is still lowered in time", async () => {
  const stub = await newClass({ classId: "refused" });
  await send(stub, batchOf([{}]));
  await runDurableObjectAlarm(stub);
  const raised = { studentId: grace, eventType: "help" };
  await send(stub, batchOf([raised], [], Date.now() - 9 * 60_000));
  expect(await alarmMs(stub)).toBeLessThanOrEqual(Date.now() + 60_000);
});

/** Parts of an alarm's work. */
const alarmSteps = {
  "lowering hands": () => vi.spyOn(HelpExpiry.prototype, "batch"),
  draining: () => vi.spyOn(Drainer.prototype, "run"),
  "asking what is due": () => vi.spyOn(Drainer.prototype, "deadlines"),
} as const;
const steps = ["lowering hands", "draining", "asking what is due"] as const;

test.for(steps)(
  "an alarm that fails at %s, however often, is followed by another, less and less soon",
  async (step) => {
    const stub = await newClass();
    await send(stub, batchOf([{}]));
    const startMs = Date.now();
    const now = vi.spyOn(Date, "now").mockReturnValue(startMs);
    const spy = alarmSteps[step]().mockImplementation(() => {
      throw new Error("broken");
    });
    const delaysMs: number[] = [];
    // The platform itself gives up after six.
    for (let failure = 0; failure < 8; failure += 1) {
      expect(await runDurableObjectAlarm(stub)).toBe(true);
      delaysMs.push(((await alarmMs(stub)) ?? Number.NaN) - startMs);
    }
    expect(delaysMs).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    spy.mockRestore();
    now.mockReturnValue(startMs + 60_000);
    await runDurableObjectAlarm(stub);
    expect(await query(stub, cursorQuery)).toEqual([{ value: JSON.stringify({ influx: 1 }) }]);
    expect(await alarmMs(stub)).toBeGreaterThan(startMs + dayMs);
  },
);

test("hands that cannot be lowered keep nothing from being drained", async () => {
  const stub = await newClass();
  await send(stub, batchOf([{}]));
  alarmSteps["lowering hands"]().mockImplementation(() => {
    throw new Error("broken");
  });
  await runDurableObjectAlarm(stub);
  expect(await query(stub, cursorQuery)).toEqual([{ value: JSON.stringify({ influx: 1 }) }]);
});

test("days that cannot be dropped end the instance, whose memory may be wrong; the alarm comes again and drops them", async () => {
  const stub = await newClass({ retentionDays: 1 });
  await send(stub, batchOf(numbered(1, 3)));
  await runDurableObjectAlarm(stub);
  travel(3 * dayMs);
  vi.spyOn(Log.prototype, "drop").mockImplementationOnce(() => {
    throw new Error("the disk broke");
  });
  await expect(runDurableObjectAlarm(stub)).rejects.toThrow("the disk broke");
  const fresh = again(stub);
  expect(await logTables(fresh)).toHaveLength(1);
  expect(await alarmMs(fresh)).toBeLessThanOrEqual(Date.now() + 60_000);
  await runDurableObjectAlarm(fresh);
  expect(await logTables(fresh)).toEqual([]);
});

test("a store that never answers holds an alarm up for its deadline, and the next alarm asks it again", async () => {
  const stub = await newClass({ classId: "hung" });
  await send(stub, batchOf([{}]));
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const alarm = runDurableObjectAlarm(stub);
    await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1), { interval: 1 });
    await runInDurableObject(stub, () => void vi.advanceTimersByTime(8_000));
    await alarm;
  } finally {
    vi.useRealTimers();
  }
  expect(await query(stub, cursorQuery)).toEqual([]);
  expect(await alarmMs(stub)).toBeLessThanOrEqual(Date.now() + 5_000);
});

test("what is recorded while the alarm works is not forgotten when it is done", async () => {
  const stub = await newClass();
  await send(stub, batchOf([{}]));
  const classroom = await runInDurableObject(stub, (instance: Classroom) => instance);
  const run = Drainer.prototype.run;
  vi.spyOn(Drainer.prototype, "run").mockImplementationOnce(async function drainThenRecord(
    this: Drainer,
    untilMs,
  ) {
    await run.call(this, untilMs);
    await classroom.ingest(claimsOf(), batchOf([{}]));
  });
  await runDurableObjectAlarm(stub);
  expect(await alarmMs(stub)).toBeLessThanOrEqual(Date.now() + 5_000);
});

test("a raised hand of which nothing is heard for ten minutes is lowered, and the log says so", async () => {
  const stub = await newClass();
  await send(stub, batchOf([{ eventType: "help", helpId: "h" }], [], Date.now() - 11 * 60_000));
  expect((await snapshotOf(stub)).entities).toContainEqual(
    expect.objectContaining({ kind: "student", data: expect.objectContaining({ help: expect.anything() }) }),
  );
  await runDurableObjectAlarm(stub);
  expect((await snapshotOf(stub)).entities).not.toContainEqual(
    expect.objectContaining({ kind: "student", data: expect.objectContaining({ help: expect.anything() }) }),
  );
  const body = (await logRows(stub)).at(-1)?.body;
  expect(body).toContain('"help_stop"');
  expect(body).toContain('"expired"');
});

test("a day is dropped once it is past retention and every store has it; nothing the class knows goes with it", async () => {
  const stub = await newClass({ retentionDays: 1 });
  await send(stub, batchOf(numbered(1, 3)));
  await runDurableObjectAlarm(stub);
  const before = await snapshotOf(stub);
  expect(await logTables(stub)).toHaveLength(1);
  travel(3 * dayMs);
  await runDurableObjectAlarm(stub);
  expect(await logTables(stub)).toEqual([]);
  expect(await alarmMs(stub)).toBeNull();
  await evictDurableObject(stub);
  expect(await snapshotOf(stub)).toEqual(before);
  await send(stub, batchOf(numbered(1, 1, { sessionId: "next" })));
  expect((await logRows(stub)).at(-1)).toMatchObject({ first: 4, last: 4 });
});

test("what comes of a session whose days were dropped is refused by name and not taken for new; its student goes on in others", async () => {
  const stub = await newClass({ retentionDays: 1 });
  await send(stub, batchOf(numbered(1, 3)));
  await runDurableObjectAlarm(stub);
  travel(3 * dayMs);
  await runDurableObjectAlarm(stub);
  await evictDurableObject(stub);
  const late = batchOf([...numbered(3, 4), ...numbered(1, 1, { sessionId: "next" })]);
  expect(await send(stub, late)).toMatchObject({
    accepted: 1,
    duplicates: 0,
    rejected: [
      { index: 0, sequence: 3, code: "session_expired" },
      { index: 1, sequence: 4, code: "session_expired" },
    ],
    acks: [{ sessionId: "next", through: 1, missing: [] }],
  });
  expect(await send(stub, batchOf(numbered(1, 1, { studentId: grace })))).toMatchObject({ accepted: 1 });
});

test("a session that is still heard of outlives the days that it began in", async () => {
  const stub = await newClass({ retentionDays: 1 });
  await send(stub, batchOf(numbered(1, 3)));
  await runDurableObjectAlarm(stub);
  travel(3 * dayMs);
  await send(stub, batchOf(numbered(4, 4)));
  await runDurableObjectAlarm(stub);
  await runDurableObjectAlarm(stub);
  expect(await logTables(stub)).toHaveLength(1);
  expect(await send(stub, batchOf(numbered(2, 5)))).toMatchObject({
    accepted: 1,
    duplicates: 3,
    rejected: [],
  });
});

test("a day is dropped although the class, once woken, has only looked at where it begins", async () => {
  const stub = await newClass({ retentionDays: 1 });
  for (let sequence = 1; sequence <= 20; sequence += 1)
    await send(stub, batchOf(numbered(sequence, sequence)));
  await evictDurableObject(stub);
  await send(stub, batchOf(numbered(21, 21)));
  await runDurableObjectAlarm(stub);
  travel(3 * dayMs);
  await runDurableObjectAlarm(stub);
  expect(await logTables(stub)).toEqual([]);
});

test("a day that a store still lacks is kept beyond retention", async () => {
  const stub = await newClass({ classId: "refused", retentionDays: 1 });
  await send(stub, batchOf(numbered(1, 3)));
  travel(3 * dayMs);
  await runDurableObjectAlarm(stub);
  expect(await logTables(stub)).toHaveLength(1);
});

test("a shorter retention takes effect without anything else happening", async () => {
  const stub = await newClass({ retentionDays: 30 });
  await send(stub, batchOf(numbered(1, 3)));
  await runDurableObjectAlarm(stub);
  travel(3 * dayMs);
  await stub.configure(settingsOf({ version: 2, retentionDays: 1 }));
  await runDurableObjectAlarm(stub);
  expect(await logTables(stub)).toEqual([]);
});

test("events of two days are two tables, read as one log", async () => {
  const stub = await newClass();
  await send(stub, batchOf(numbered(1, 3)));
  travel(dayMs);
  await send(stub, batchOf(numbered(4, 5)));
  expect(await logTables(stub)).toHaveLength(2);
  await evictDurableObject(stub);
  expect(await send(stub, batchOf(numbered(5, 6)))).toMatchObject({ accepted: 1, duplicates: 1 });
  expect(await snapshotOf(stub)).toMatchObject({ to: 6 });
});
