import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { afterEach, expect, test, vi } from "vitest";
import { lessonOf } from "../pure/board.ts";
import { batchOf, type Fields } from "../batches.ts";
import { Log } from "../../../src/classroom/storage/log.ts";
import { type ClassStub, newClass, query, send, settingsOf } from "./class.ts";
import { snapshotOf, watch } from "./watch.ts";

afterEach(() => vi.restoreAllMocks());

const startedMs = Date.now() - 3_600_000;
const lesson = lessonOf({ id: "l", title: "Loops", startedMs });

function run(timeMs: number): Fields {
  const eventType = "cell_execution_complete";
  const executionId = crypto.randomUUID();
  return { eventType, executionId, status: "ok", cellId: "c", notebookPath: "a.ipynb", timeMs };
}

async function counted(stub: ClassStub) {
  const { entities } = await snapshotOf(stub);
  const lessons = entities.flatMap(({ kind, data }) =>
    kind === "lesson" ? [data?.title ?? data?.kind] : [],
  );
  const runs = entities.flatMap(({ kind, data }) => (kind === "cell" ? [data?.runs] : []));
  return [...lessons, ...runs];
}

test("a lesson that becomes known late counts what has happened in it, and who watches sees it begin", async () => {
  const stub = await newClass();
  await send(stub, batchOf([run(startedMs - 1)]));
  await send(stub, batchOf([run(startedMs)]));
  await send(stub, batchOf([run(startedMs + 1)]));
  const dashboard = await watch(stub);
  await dashboard.next();
  await stub.configure(settingsOf({ version: 2, lesson }));
  // The settings themselves, and then what they change.
  expect(await dashboard.next()).toMatchObject({ type: "patch", entities: [{ kind: "class" }] });
  const patch = await dashboard.next();
  expect(patch).toMatchObject({ type: "patch", from: 3, to: 3 });
  expect("entities" in patch && patch.entities.find(({ kind }) => kind === "cell")).toMatchObject({
    data: { runs: 2, reached: 1, passed: 1 },
  });
  expect(await counted(stub)).toEqual(["Loops", 2]);
});

test("what is counted in a lesson is the same after a sleep, and is not counted anew for it", async () => {
  const stub = await newClass({ lesson });
  await send(stub, batchOf([run(startedMs), run(startedMs + 1), run(startedMs - 1)]));
  await stub.configure(settingsOf({ version: 2, lesson: { ...lesson, stoppedMs: startedMs + 1 } }));
  await send(stub, batchOf([run(startedMs), run(startedMs + 2)]));
  const before = await counted(stub);
  expect(before).toEqual(["Loops", 2]);
  const since = vi.spyOn(Log.prototype, "since");
  await evictDurableObject(stub);
  expect(await counted(stub)).toEqual(before);
  expect(since).not.toHaveBeenCalled();
});

test("what is sent again is counted once, across a sleep and in whatever cut", async () => {
  const stub = await newClass({ lesson });
  const sent = [1, 2, 3].map((sequence) => ({ ...run(startedMs + sequence), sessionId: "s", sequence }));
  await send(stub, batchOf(sent.slice(1)));
  await send(stub, batchOf(sent));
  await evictDurableObject(stub);
  await send(stub, batchOf(sent.toReversed()));
  expect(await counted(stub)).toEqual(["Loops", 3]);
});

test("a lesson that is in the settings and was not yet counted is counted when the class wakes", async () => {
  const stub = await newClass();
  await send(stub, batchOf([run(startedMs), run(startedMs - 1)]));
  await runInDurableObject(stub, (_, { storage }) => {
    const settings = JSON.stringify(settingsOf({ version: 2, lesson }));
    storage.sql.exec("UPDATE meta SET value = ? WHERE key = 'settings'", settings);
  });
  await evictDurableObject(stub);
  expect(await counted(stub)).toEqual(["Loops", 1]);
});

test("a checkpoint is written for a lesson that is another, and for no other change of the settings", async () => {
  const stub = await newClass();
  const parts = () => query(stub, "SELECT part FROM checkpoint");
  await stub.configure(settingsOf({ version: 2, name: "Statistics II" }));
  expect(await parts()).toEqual([]);
  await stub.configure(settingsOf({ version: 3, lesson }));
  expect(await parts()).toHaveLength(1);
});
