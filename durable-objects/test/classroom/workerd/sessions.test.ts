import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { limits } from "@cell-monitor/protocol";
import { afterEach, expect, test, vi } from "vitest";
import type { SessionMark } from "../../../src/classroom/ingest/watermarks.ts";
import { Sessions } from "../../../src/classroom/storage/sessions.ts";
import { UnnumberedIds } from "../../../src/classroom/storage/unnumbered-ids.ts";
import { batchOf, grace, numbered } from "../batches.ts";
import { type ClassStub, claimsOf, newClass, query, send } from "./class.ts";

afterEach(() => vi.restoreAllMocks());

const page = { skip: 0, limit: 100 };
const markOf = (seenMs: number): SessionMark => ({ highest: 1, gaps: [], seenMs });

function travel(byMs: number): void {
  const startMs = Date.now();
  vi.spyOn(Date, "now").mockReturnValue(startMs + byMs);
}

/** Fills the tail, so that a checkpoint is written. */
async function reachCheckpoint(stub: ClassStub, sessionId: string): Promise<void> {
  await send(stub, batchOf(numbered(1, 100, { studentId: grace, sessionId, note: "x".repeat(2_000) })));
}

async function settled(stub: ClassStub): Promise<string[]> {
  const rows = await query<{ key: string }>(stub, "SELECT key FROM sessions");
  return rows.map(({ key }) => key.slice(key.indexOf("/") + 1));
}

function storageOf<T>(stub: ClassStub, use: (sql: SqlStorage) => T): Promise<T> {
  return runInDurableObject(stub, (_, { storage }) => use(storage.sql));
}

test("a session not heard of for a day leaves memory and checkpoint, and nothing that is known of it changes", async () => {
  const stub = await newClass();
  await send(
    stub,
    batchOf([...numbered(1, 3), ...numbered(6, 6), ...numbered(7, 7, { eventType: "session_end" })]),
  );
  await reachCheckpoint(stub, "early");
  expect(await settled(stub)).toEqual([]);
  travel(limits.sessionSilentMs);
  const before = await stub.completeness(claimsOf(), page);
  await reachCheckpoint(stub, "late");
  expect(await settled(stub)).toEqual(["session", "early"].toSorted((a, b) => (a < b ? 1 : -1)));
  const checkpoint = await query<{ body: string }>(stub, "SELECT body FROM checkpoint");
  expect(JSON.stringify(checkpoint)).not.toContain("/session");
  await evictDurableObject(stub);
  const after = await stub.completeness(claimsOf(), page);
  expect(after.ok && after.value.students[0]).toEqual(before.ok && before.value.students[0]);
  expect(await send(stub, batchOf(numbered(3, 5)))).toMatchObject({
    accepted: 2,
    duplicates: 1,
    acks: [{ through: 7, missing: [] }],
  });
});

test("a session that comes back is known the same before and after evictions, and is written again once it is silent", async () => {
  const stub = await newClass();
  await send(stub, batchOf(numbered(1, 2, { eventType: "session_end" })));
  travel(limits.sessionSilentMs);
  await reachCheckpoint(stub, "first");
  expect(await settled(stub)).toContain("session");
  await send(stub, batchOf(numbered(5, 5)));
  await evictDurableObject(stub);
  expect(await send(stub, batchOf(numbered(4, 5)))).toMatchObject({
    accepted: 1,
    duplicates: 1,
    acks: [{ through: 5, missing: [[3, 3]] }],
  });
  travel(2 * limits.sessionSilentMs);
  await reachCheckpoint(stub, "second");
  const rows = await query<{ mark: string }>(stub, "SELECT mark FROM sessions WHERE key LIKE '%/session'");
  expect(rows.map(({ mark }) => JSON.parse(mark))).toMatchObject([{ highest: 5, gaps: [[3, 3]] }]);
});

test("what somebody is shown as missing stays in memory however long it is silent", async () => {
  const stub = await newClass();
  await send(stub, batchOf([...numbered(1, 1), ...numbered(3, 3)]));
  travel(limits.sessionSilentMs);
  await reachCheckpoint(stub, "other");
  expect(await settled(stub)).toEqual([]);
});

test("more sessions at once than memory is meant for leave those heard of last in it, by what they weigh", async () => {
  const stub = await newClass();
  await storageOf(stub, (sql) => {
    const recent = new Map(
      Array.from({ length: 10_001 }, (_, index) => [`a/${index}`, markOf(index + 1)] as const),
    );
    const sessions = new Sessions(sql, recent);
    sessions.settle(10_002, () => true);
    expect(recent.size).toBe(8_000);
    expect([recent.has("a/2000"), recent.has("a/2001")]).toEqual([false, true]);
    expect(sessions.get("a/0")).toEqual(markOf(1));
    expect([...sessions.entries()]).toHaveLength(10_001);
    const gaps = Array.from({ length: 6_000 }, (_, index): [number, number] => [
      2 * index + 1,
      2 * index + 1,
    ]);
    const heavy = new Map(
      Array.from({ length: 20 }, (_, index) => [`b/${index}`, { ...markOf(index), gaps }] as const),
    );
    new Sessions(sql, heavy).settle(10_002, () => true);
    expect(heavy.size).toBeLessThan(12);
    expect(heavy.has("b/19")).toBe(true);
  });
});

test("what is forgotten leaves a trace that names nobody, by which it is told from what never was", async () => {
  const stub = await newClass();
  await storageOf(stub, (sql) => {
    const recent = new Map([
      ["ada/old", markOf(1)],
      ["ada/new", markOf(5)],
      ["ada/back", markOf(1)],
    ]);
    const sessions = new Sessions(sql, recent);
    expect(sessions.isForgotten("ada/old")).toBe(false);
    sessions.settle(limits.sessionSilentMs + 5, () => false);
    sessions.set("ada/back", markOf(9));
    sessions.forget(5);
    expect(["old", "new", "back", "never"].map((id) => sessions.isForgotten(`ada/${id}`))).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect([...sessions.entries()].map(([key]) => key)).toEqual(["ada/back", "ada/new"]);
    expect(JSON.stringify(sql.exec("SELECT * FROM forgotten_sessions").toArray())).not.toContain("ada");
    sessions.forget(5);
    expect(sessions.isForgotten("ada/old")).toBe(true);
  });
});

test("of un-numbered events the latest are known, as many as memory is meant for, on disk as in memory", async () => {
  const stub = await newClass();
  await storageOf(stub, (sql) => {
    const ids = new UnnumberedIds(sql, 5);
    expect(ids.has("ada", "0")).toBe(false);
    for (let id = 0; id < 9; id += 1) {
      ids.add("ada", String(id));
      ids.checkpoint(1_000 + id);
    }
    ids.checkpoint(1_010);
    const known = (from: UnnumberedIds) => Array.from({ length: 9 }, (_, id) => from.has("ada", String(id)));
    const latest = [false, false, false, false, true, true, true, true, true];
    expect(known(ids)).toEqual(latest);
    const woken = new UnnumberedIds(sql, 5);
    expect(known(woken)).toEqual(latest);
    woken.checkpoint(1_006 + limits.unnumberedMemoryMs);
    const young = [false, false, false, false, false, false, true, true, true];
    expect(known(woken)).toEqual(young);
    expect(known(new UnnumberedIds(sql, 5))).toEqual(young);
  });
});
