import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { erasedStudentHash } from "@cell-monitor/protocol";
import { expect, test } from "vitest";
import { ada, batchOf, grace, numbered } from "../batches.ts";
import { claimsOf, type ClassStub, logRows, newClass, query, send, settingsOf } from "./class.ts";
import { snapshotOf, watch } from "./watch.ts";

const { classId } = settingsOf();
const erased = (studentId: string) => ({ version: 2, erased: [erasedStudentHash(classId, studentId)] });

test("of one who does not share only that they are there and ask for help is taken", async () => {
  const stub = await newClass({ notSharing: [ada] });
  const run = { eventType: "cell_execution_error", errorName: "E", code: "x", notebookPath: "a.ipynb" };
  const events = [
    ...numbered(1, 1, { eventType: "session_start", metadata: { lab: "4.6" } }),
    ...numbered(2, 2, run),
    ...numbered(3, 3, { eventType: "help", helpId: "h", note: "my code is x", notebookPath: "a.ipynb" }),
    { ...numbered(1, 1, run)[0], studentId: grace },
  ];
  const ack = await send(stub, batchOf(events));
  expect(ack).toMatchObject({
    accepted: 3,
    rejected: [{ index: 1, sequence: 2, code: "consent_refused" }],
  });
  expect(ack.acks).toContainEqual({ sessionId: "session", through: 3, missing: [] });
  const text = JSON.stringify(await logRows(stub));
  expect(text).toContain('\\"helpId\\":\\"h\\"');
  for (const content of ["my code is x", "4.6"]) expect(text).not.toContain(content);
  expect(text.match(/a\.ipynb/g)).toHaveLength(1);
});

test("sharing begins and ends with the choice, and the choice outlives an eviction", async () => {
  const stub = await newClass();
  const one = () => send(stub, batchOf([{}]));
  expect(await one()).toMatchObject({ accepted: 1 });
  await stub.configure(settingsOf({ version: 2, notSharing: [ada] }));
  expect(await one()).toMatchObject({ accepted: 0 });
  await evictDurableObject(stub);
  expect(await one()).toMatchObject({ accepted: 0 });
  await stub.configure(settingsOf({ version: 3 }));
  expect(await one()).toMatchObject({ accepted: 1 });
});

/** Every text that the class has on disk. */
async function everything(stub: ClassStub): Promise<string> {
  const tables = await query<{ name: string }>(
    stub,
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'",
  );
  const rows = await Promise.all(tables.map(({ name }) => query(stub, `SELECT * FROM "${name}"`)));
  return JSON.stringify(rows);
}

test("nothing of an erased student is left, and all of the others is, also after an eviction", async () => {
  const stub = await newClass();
  const events = Array.from({ length: 40 }, (_, index) => [
    { studentId: `0192bbbb-0000-8000-8000-0000000001${String(index).padStart(2, "0")}`, userName: "Other" },
    { ...numbered(index + 1, index + 1, { note: "x".repeat(3_000), userName: "Ada" })[0] },
    { eventId: `unnumbered-${index}` },
  ]).flat();
  await send(stub, batchOf(events));
  await send(stub, batchOf([{ studentId: grace, userName: "Grace" }, { userName: "Ada" }]));
  await runInDurableObject(stub, (_, { storage }) => {
    const letter = JSON.stringify({ version: 1, studentId: ada, receivedMs: 1, timeMs: 1, event: {} });
    storage.sql.exec(
      "INSERT INTO dead_letters (sink, version, reason, at_ms, received_ms, body) VALUES ('postgres', 1, '', 1, 1, ?)",
      letter,
    );
    storage.sql.exec("INSERT INTO notices (student_id, at_ms, body) VALUES (?, 1, '{}')", ada);
    storage.sql.exec("INSERT INTO sessions (key, seen_ms, mark) VALUES (?, 1, '{}')", `${ada}/old`);
  });
  const watcher = await watch(stub);
  await stub.configure(settingsOf(erased(ada)));
  const answer = await stub.erase(ada);
  expect(answer).toMatchObject({ ok: true, value: { log: 81, letters: 1, notices: 1, state: 1 } });
  await expect.poll(() => watcher.closes).toEqual([1012]);
  expect(await stub.erase(ada)).toMatchObject({ ok: true, value: { log: 0, letters: 0, state: 0 } });
  for (const isEvicted of [false, true]) {
    if (isEvicted) await evictDurableObject(stub);
    const text = await everything(stub);
    expect(text).not.toContain(ada);
    expect(text).not.toContain("Ada");
    const students = (await snapshotOf(stub)).entities.filter(({ kind }) => kind === "student");
    expect(students.map(({ id }) => id)).toContain(grace);
    expect(students).toHaveLength(41);
  }
});

test("what still comes of an erased student is refused, and brings nothing of them back", async () => {
  const stub = await newClass();
  await send(stub, batchOf(numbered(1, 3)));
  await stub.configure(settingsOf(erased(ada)));
  expect(await stub.erase(ada)).toMatchObject({ ok: true });
  expect(await send(stub, batchOf(numbered(4, 5)))).toMatchObject({
    accepted: 0,
    rejected: [{ code: "consent_refused" }, { code: "consent_refused" }],
  });
  expect(await everything(stub)).not.toContain(ada);
  expect(await send(stub, batchOf([{ studentId: grace }]))).toMatchObject({ accepted: 1 });
});

test("nobody is erased of whom the class has not been told so", async () => {
  const stub = await newClass();
  await send(stub, batchOf(numbered(1, 1)));
  expect(await stub.erase(ada)).toMatchObject({ ok: false, refusal: { code: "conflict" } });
  expect(await stub.completeness(claimsOf(), { skip: 0, limit: 10 })).toMatchObject({
    value: { totals: { students: 1 } },
  });
});
