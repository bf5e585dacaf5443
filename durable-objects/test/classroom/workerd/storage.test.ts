import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { afterEach, expect, test, vi } from "vitest";
import { Log } from "../../../src/classroom/storage/log.ts";
import { migrate, migrations } from "../../../src/classroom/storage/migrations.ts";
import { batchOf, numbered } from "../batches.ts";
import { again, logRows, newClass, query, send } from "./class.ts";
import { snapshotOf } from "./watch.ts";

afterEach(() => vi.restoreAllMocks());

const checkpointQuery = "SELECT part, length(body) AS length FROM checkpoint";

test("a commit that fails in the middle is answered by nobody's ack, leaves nothing, and the class starts over", async () => {
  const stub = await newClass();
  await send(stub, batchOf(numbered(1, 1)));
  const append = Log.prototype.append;
  vi.spyOn(Log.prototype, "append").mockImplementationOnce(function appendThenFail(this: Log, ...given) {
    append.apply(this, given);
    throw new Error("the disk broke");
  });
  await expect(
    Promise.all([send(stub, batchOf(numbered(2, 3))), send(stub, batchOf([{}]))]),
  ).rejects.toThrow();
  const fresh = again(stub);
  expect(await logRows(fresh)).toHaveLength(1);
  expect(await send(fresh, batchOf(numbered(2, 3)))).toMatchObject({ accepted: 2, acks: [{ through: 3 }] });
  expect(await snapshotOf(fresh)).toMatchObject({ to: 3 });
});

test("a checkpoint is written when the tail has 128 events, and not before", async () => {
  const stub = await newClass();
  await send(stub, batchOf(numbered(1, 100)));
  await send(stub, batchOf(numbered(101, 127)));
  expect(await query(stub, checkpointQuery)).toEqual([]);
  await send(stub, batchOf(numbered(128, 128)));
  expect(await query(stub, checkpointQuery)).not.toEqual([]);
});

test("a checkpoint is written when the tail has 128 KiB", async () => {
  const stub = await newClass();
  await send(stub, batchOf(numbered(1, 3, { note: "x".repeat(50_000) })));
  expect(await query(stub, checkpointQuery)).not.toEqual([]);
});

test("a checkpoint never costs more than the events it stands for", async () => {
  const stub = await newClass();
  // Every student is state, so that the checkpoint is larger than 128 small events.
  for (let count = 0; count < 10; count += 1) {
    const students = Array.from({ length: 100 }, () => ({
      studentId: crypto.randomUUID(),
      userName: "x".repeat(256),
    }));
    await send(stub, batchOf(students));
  }
  const before = await query<{ length: number }>(stub, checkpointQuery);
  const version = (await query<{ body: string }>(stub, "SELECT body FROM checkpoint")).map(({ body }) =>
    body.slice(0, 20),
  );
  await send(stub, batchOf(numbered(1, 100)));
  await send(stub, batchOf(numbered(101, 200)));
  expect(before.reduce((sum, { length }) => sum + length, 0)).toBeGreaterThan(200 * 200);
  expect(
    (await query<{ body: string }>(stub, "SELECT body FROM checkpoint")).map(({ body }) => body.slice(0, 20)),
  ).toEqual(version);
});

test("a checkpoint of many parts is read as it was written, whatever characters stand where it is cut", async () => {
  const stub = await newClass();
  for (let round = 0; round < 8; round += 1) {
    const students = Array.from({ length: 100 }, (_, index) => ({
      studentId: crypto.randomUUID(),
      // The offset moves the pairs, so that cuts fall into the middle of some.
      userName: `${"x".repeat(index % 2)}${"😀".repeat(450)}`,
    }));
    await send(stub, batchOf(students));
  }
  expect((await query(stub, checkpointQuery)).length).toBeGreaterThan(1);
  const before = await snapshotOf(stub);
  await evictDurableObject(stub);
  expect(await snapshotOf(stub)).toEqual(before);
});

test("waking reads the checkpoint and the tail, however long the log is", async () => {
  const stub = await newClass();
  for (let batch = 0; batch < 20; batch += 1)
    await send(stub, batchOf(numbered(batch * 100 + 1, batch * 100 + 100)));
  await evictDurableObject(stub);
  const after = vi.spyOn(Log.prototype, "after");
  await snapshotOf(stub);
  const rows = await runInDurableObject(stub, (_, { storage }) => {
    const read = after.mock.calls.map(([version]) => Array.from(new Log(storage.sql).after(version)));
    return read.flat().length;
  });
  expect(after).toHaveBeenCalled();
  expect(rows).toBeLessThanOrEqual(2);
});

test("migrations run once, in their order, and refuse a storage that something else has written", async () => {
  const stub = await newClass();
  await runInDurableObject(stub, (_, { storage }) => {
    const more = [...migrations, { id: "9999-more", sql: "CREATE TABLE more (id INTEGER PRIMARY KEY)" }];
    migrate(storage, more);
    migrate(storage, more);
    expect(storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'more'").toArray()).toHaveLength(1);
    expect(() => migrate(storage, migrations)).toThrow("9999-more");
  });
});

test("a migration that fails leaves the storage as it was", async () => {
  const stub = await newClass();
  await runInDurableObject(stub, (_, { storage }) => {
    const broken = [
      ...migrations,
      { id: "9999-broken", sql: "CREATE TABLE half (id INTEGER); CREATE TABLE half (id INTEGER)" },
    ];
    expect(() => migrate(storage, broken)).toThrow();
    expect(storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'half'").toArray()).toEqual([]);
    migrate(storage);
  });
});
