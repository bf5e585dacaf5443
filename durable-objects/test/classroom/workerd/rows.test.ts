import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, expect, test, vi } from "vitest";
import { batchOf, grace, numbered } from "../batches.ts";
import { type ClassStub, newClass, send } from "./class.ts";

afterEach(() => vi.restoreAllMocks());

/** Counts the rows that the platform bills as written, by table, from now on; what sets an alarm is one of them, too. */
async function countRows(stub: ClassStub): Promise<() => Record<string, number>> {
  let rows: Record<string, number> = {};
  await runInDurableObject(stub, (_, { storage }) => {
    const { sql } = storage;
    const exec = sql.exec.bind(sql);
    vi.spyOn(sql, "exec").mockImplementation((query, ...bindings) => {
      const cursor = exec(query, ...bindings);
      const name = tableOf(query);
      if (cursor.rowsWritten > 0) rows[name] = (rows[name] ?? 0) + cursor.rowsWritten;
      return cursor;
    });
    const setAlarm = storage.setAlarm.bind(storage);
    vi.spyOn(storage, "setAlarm").mockImplementation((time) => {
      rows["alarm"] = (rows["alarm"] ?? 0) + 1;
      return setAlarm(time);
    });
  });
  return () => {
    const counted = rows;
    rows = {};
    return counted;
  };
}

function tableOf(query: string): string {
  if (query.startsWith("CREATE")) return "schema";
  return /(?:INTO|FROM|UPDATE) (log|\w+)/u.exec(query)?.[1] ?? query;
}

test("a commit is one row, whatever is in it and however many batches it is of", async () => {
  const stub = await newClass();
  await send(stub, batchOf([{}]));
  const take = await countRows(stub);
  await send(stub, batchOf(numbered(1, 10)));
  expect(take()).toEqual({ log: 1 });
  await send(stub, batchOf([{}, { eventId: "once" }, { studentId: grace, eventType: "help", helpId: "h" }]));
  expect(take()).toEqual({ log: 1 });
  await Promise.all(
    Array.from({ length: 20 }, (_, tab) => send(stub, batchOf(numbered(1, 1, { sessionId: `tab-${tab}` })))),
  );
  expect(take()["log"]).toBeLessThanOrEqual(2);
  await send(stub, batchOf(numbered(1, 10)));
  expect(take()).toEqual({});
});

test("a day's first commit makes its table, and a class's first sets its alarm", async () => {
  const stub = await newClass();
  const take = await countRows(stub);
  await send(stub, batchOf(numbered(1, 1)));
  expect(take()).toEqual({ log: 1, alarm: 1, schema: expect.any(Number) });
});

test("a checkpoint is a row for the class and one for each group of students, updated in place", async () => {
  const stub = await newClass();
  await send(stub, batchOf(numbered(1, 1)));
  const take = await countRows(stub);
  for (const first of [2, 102]) {
    await send(stub, batchOf(numbered(first, first + 99, { note: "x".repeat(2_000) })));
    expect(take()).toEqual({ log: 1, checkpoint: 2 });
  }
});

test("a drain is one row for its cursor, and two for the alarm: armed first, and armed last", async () => {
  const stub = await newClass();
  await send(stub, batchOf(numbered(1, 10)));
  const take = await countRows(stub);
  await runDurableObjectAlarm(stub);
  expect(take()).toEqual({ meta: 1, alarm: 2 });
});
