import { evictDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { ada, batchOf, grace, numbered } from "../batches.ts";
import { claimsOf, logRows, newClass, query, send, settingsOf } from "./class.ts";
import { snapshotOf } from "./watch.ts";

test("what was recorded is known again after an eviction, by state and by number", async () => {
  const stub = await newClass();
  await send(stub, batchOf([...numbered(1, 3), ...numbered(6, 6), { studentId: grace, userName: "Grace" }]));
  const before = await snapshotOf(stub);
  await evictDurableObject(stub);
  expect(await snapshotOf(stub)).toEqual(before);
  expect(await send(stub, batchOf(numbered(3, 5)))).toEqual({
    accepted: 2,
    duplicates: 1,
    rejected: [],
    acks: [{ sessionId: "session", through: 6, missing: [] }],
  });
});

test("what was declared lost, and what came of it after all, is told the same after an eviction", async () => {
  const stub = await newClass();
  const page = { skip: 0, limit: 100 };
  await send(stub, batchOf(numbered(1, 1)));
  await send(stub, batchOf(numbered(9, 9, { eventType: "events_lost", from: 2, to: 5 })));
  await send(stub, batchOf(numbered(3, 3)));
  const before = await stub.completeness(claimsOf(), page);
  expect(before).toMatchObject({
    ok: true,
    value: { totals: { students: 1, sessions: 1, received: 3, missing: 3, lost: 3, percent: 33.33 } },
  });
  await evictDurableObject(stub);
  const after = await stub.completeness(claimsOf(), page);
  expect(after).toMatchObject({ ok: true, value: { students: before.ok && before.value.students } });
  expect(await stub.completeness(claimsOf({ expiresMs: 0 }), page)).toMatchObject({ ok: false });
});

test("an event without a number is told from its repeat across evictions, before and after a checkpoint", async () => {
  const stub = await newClass();
  const once = batchOf([{ eventId: "once" }]);
  const filler = batchOf(numbered(1, 100, { note: "x".repeat(2_000) }));
  expect(await send(stub, once)).toMatchObject({ accepted: 1, duplicates: 0 });
  await evictDurableObject(stub);
  expect(await send(stub, once)).toMatchObject({ accepted: 0, duplicates: 1 });
  await send(stub, filler);
  expect(await query(stub, "SELECT part FROM checkpoint")).not.toEqual([]);
  await evictDurableObject(stub);
  expect(await send(stub, once)).toMatchObject({ accepted: 0, duplicates: 1 });
});

test("an id that looks like another student's suppresses nothing of theirs, after a checkpoint and an eviction either", async () => {
  const stub = await newClass();
  await send(
    stub,
    batchOf([{ eventId: `x\n${grace}/hers` }, ...numbered(1, 99, { note: "x".repeat(2_000) })]),
  );
  await evictDurableObject(stub);
  expect(await send(stub, batchOf([{ studentId: grace, eventId: "hers" }]))).toMatchObject({ accepted: 1 });
});

test("many concurrent batches are answered one by one and written as a row or two", async () => {
  const stub = await newClass();
  const students = Array.from({ length: 50 }, () => crypto.randomUUID());
  const acks = await Promise.all(
    students.map((studentId) => send(stub, batchOf(numbered(1, 4, { studentId })))),
  );
  expect(acks.every(({ accepted }) => accepted === 4)).toBe(true);
  const rows = await logRows(stub);
  expect(rows.length).toBeLessThanOrEqual(2);
  expect(rows.at(-1)?.last).toBe(200);
});

test("once a batch is acknowledged, its events are in the log", async () => {
  const stub = await newClass();
  for (let sequence = 1; sequence <= 5; sequence += 1) {
    await send(stub, batchOf(numbered(sequence, sequence, { eventId: `event-${sequence}` })));
    expect((await logRows(stub)).at(-1)?.body).toContain(`event-${sequence}`);
  }
  expect(await logRows(stub)).toHaveLength(5);
});

test("a commit larger than the platform's bound for a value is written in several rows and read again whole", async () => {
  const stub = await newClass();
  const code = "語😀".repeat(10_000);
  const sessions = ["a", "b", "c", "d"];
  await Promise.all(sessions.map((sessionId) => send(stub, batchOf(numbered(1, 15, { sessionId, code })))));
  const rows = await logRows(stub);
  expect(rows.length).toBeGreaterThan(1);
  expect(rows.at(-1)?.last).toBe(60);
  for (const { body } of rows) expect(new TextEncoder().encode(body).length).toBeLessThan(2_000_000);
  const before = await snapshotOf(stub);
  await evictDurableObject(stub);
  expect(await snapshotOf(stub)).toEqual(before);
});

test("a refused event's number stays received across an eviction", async () => {
  const stub = await newClass();
  const refused = [{ studentId: ada, sessionId: "session", sequence: 2 }];
  expect(await send(stub, batchOf(numbered(1, 1), refused))).toMatchObject({
    acks: [{ through: 2, missing: [] }],
  });
  await evictDurableObject(stub);
  expect(await send(stub, batchOf(numbered(3, 3)))).toMatchObject({ acks: [{ through: 3, missing: [] }] });
});

test("refused events that came alone have their numbers kept, however many and with nothing after them", async () => {
  const stub = await newClass();
  await send(stub, batchOf(numbered(1, 1)));
  for (let from = 2; from < 302; from += 100) {
    const refused = Array.from({ length: 100 }, (_, index) => ({
      studentId: ada,
      sessionId: "session",
      sequence: from + index,
    }));
    await send(stub, batchOf([], refused));
  }
  await evictDurableObject(stub);
  expect(await send(stub, batchOf(numbered(302, 302)))).toMatchObject({
    acks: [{ through: 302, missing: [] }],
  });
  // The checkpoint that so many made due has the first of them; the rows of the others wait for the next.
  expect(await query(stub, "SELECT id FROM refused_numbers")).toHaveLength(1);
});

test("what the class may not collect is never in its log", async () => {
  const stub = await newClass({ captureLevel: "activity" });
  await send(
    stub,
    batchOf([{ code: "secret = 1", result: "secret", errorName: "KeyError", errorMessage: "secret" }]),
  );
  const [row] = await logRows(stub);
  expect(row?.body).toContain("KeyError");
  expect(row?.body).not.toContain("secret");
});

test("settings that are older than the known ones change nothing", async () => {
  const stub = await newClass({ version: 2, keyVersion: 2 });
  await stub.configure(settingsOf({ version: 1, keyVersion: 1 }));
  expect(await stub.ingest(claimsOf({ keyVersion: 1 }), batchOf([{}]))).toMatchObject({
    ok: false,
    refusal: { code: "token_revoked" },
  });
  await evictDurableObject(stub);
  expect(await stub.check(claimsOf({ keyVersion: 1 }))).toMatchObject({ ok: false });
  expect(await stub.check(claimsOf({ keyVersion: 2 }))).toEqual({ ok: true, value: true });
});
