import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, expect, test, vi } from "vitest";
import { batchOf, numbered } from "../batches.ts";
import { again, type ClassStub, claimsOf, logRows, logTables, newClass, send } from "./class.ts";

const gib = 1024 ** 3;
const dayMs = 24 * 60 * 60 * 1000;

afterEach(() => vi.restoreAllMocks());

/** As if the class's database had grown to this. */
function grow(stub: ClassStub, bytes: () => number): Promise<void> {
  return runInDurableObject(stub, (_, { storage }) => {
    vi.spyOn(storage.sql, "databaseSize", "get").mockImplementation(bytes);
  });
}

test("a class whose stores are too far behind refuses what comes, with a time to come again, and takes it when they are back", async () => {
  const stub = await newClass({ classId: "refused" });
  await send(stub, batchOf(numbered(1, 1)));
  const nowMs = Date.now();
  await grow(stub, () => 8 * gib);
  vi.spyOn(Date, "now").mockReturnValue(nowMs + 2_000);
  expect(await stub.ingest(claimsOf(), batchOf(numbered(2, 2)))).toMatchObject({
    ok: false,
    refusal: { code: "backlog_full", retryAfterMs: 30_000 },
  });
  expect(await logRows(stub)).toHaveLength(1);
  vi.restoreAllMocks();
  vi.spyOn(Date, "now").mockReturnValue(nowMs + 4_000);
  expect(await send(stub, batchOf(numbered(2, 2)))).toMatchObject({
    accepted: 1,
    acks: [{ through: 2, missing: [] }],
  });
});

test("a class that runs out of room lets go of days that every store has, the oldest first and no more than it must", async () => {
  const stub = await newClass();
  const startMs = Date.now();
  const now = vi.spyOn(Date, "now");
  for (let day = 0; day < 3; day += 1) {
    now.mockReturnValue(startMs + day * dayMs);
    await send(stub, batchOf(numbered(day + 1, day + 1)));
  }
  await runDurableObjectAlarm(stub);
  const tables = await logTables(stub);
  expect(tables).toHaveLength(3);
  let looks = 0;
  await grow(stub, () => (looks++ < 2 ? 7 * gib : gib));
  await runDurableObjectAlarm(stub);
  expect(await logTables(stub)).toEqual(tables.slice(1));
  expect(await send(stub, batchOf(numbered(1, 4)))).toMatchObject({ accepted: 1, duplicates: 3 });
});

test("of a day that is not over, rows that every store has make room, and what the class knows stays", async () => {
  const stub = await newClass();
  await send(stub, batchOf(numbered(1, 3)));
  await send(stub, batchOf(numbered(4, 5)));
  await runDurableObjectAlarm(stub);
  await grow(stub, () => 7 * gib);
  await runDurableObjectAlarm(stub);
  expect(await logRows(stub)).toEqual([]);
  expect(await send(stub, batchOf(numbered(5, 6)))).toMatchObject({ accepted: 1, duplicates: 1 });
  expect(await logRows(stub)).toMatchObject([{ first: 6, last: 6 }]);
});

test("what a store lacks makes no room", async () => {
  const stub = await newClass({ classId: "refused" });
  await send(stub, batchOf(numbered(1, 3)));
  await grow(stub, () => 7 * gib);
  await runDurableObjectAlarm(stub);
  await runDurableObjectAlarm(again(stub));
  expect(await logRows(stub)).toHaveLength(1);
});
