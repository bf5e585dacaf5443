import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { erasedStudentHash } from "@cell-monitor/protocol";
import { expect, test } from "vitest";
import type { Classroom } from "../../../src/classroom/classroom.ts";
import { ada, batchOf, grace, numbered } from "../batches.ts";
import { claimsOf, type ClassStub, logRows, newClass, query, send, settingsOf } from "./class.ts";
import { snapshotOf, upgrade, watch } from "./watch.ts";

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
  const told = await stub.notify(claimsOf(), ada, { type: "message", text: "Late" });
  expect(told).toMatchObject({ ok: false, refusal: { code: "not_found" } });
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

test("who has waited for help, or of whom letters were counted, is erased like all others", async () => {
  const stub = await newClass();
  await send(stub, batchOf([{ eventType: "help", helpId: "a" }]));
  await send(stub, batchOf([{ eventType: "help", helpId: "g", studentId: grace }]));
  // On waking the class notes who waits without a connection.
  await evictDurableObject(stub);
  const { webSocket: socket } = await upgrade(stub, { subject: grace, role: "student" });
  const told: unknown[] = [];
  socket?.addEventListener("message", ({ data }) => told.push(JSON.parse(String(data))));
  socket?.accept();
  await expect.poll(() => told).toMatchObject([{ type: "help_state", position: 2 }]);
  expect(await everything(stub)).toContain(ada);
  const event = { eventId: "e", eventType: "activity", eventTime: "2026-11-22T10:00:00Z" };
  await runInDurableObject(stub, (_, { storage }) => {
    const letter = JSON.stringify({ version: 1, studentId: ada, receivedMs: 1, timeMs: 1, event });
    storage.sql.exec(
      "INSERT INTO dead_letters (sink, version, reason, at_ms, received_ms, body) VALUES ('postgres', 1, '', 1, 1, ?)",
      letter,
    );
  });
  expect(await letterCount(stub)).toBe(1);
  await stub.configure(settingsOf(erased(ada)));
  expect(await stub.erase(ada)).toMatchObject({ ok: true, value: { letters: 1, state: 1 } });
  expect(await everything(stub)).not.toContain(ada);
  expect(await letterCount(stub)).toBe(0);
  await expect.poll(() => told.at(-1)).toMatchObject({ type: "help_state", position: 1 });
});

function letterCount(stub: ClassStub): Promise<number | undefined> {
  return runInDurableObject(stub, (classroom: Classroom) => {
    const asked = { sink: "postgres", skip: 0, limit: 10, withEvents: false } as const;
    const answer = classroom.deadLetters(claimsOf(), asked);
    return answer.ok ? answer.value.total : undefined;
  });
}

test("events of tests that are not shared are refused by name", async () => {
  const stub = await newClass({ notSharing: [ada] });
  const { events: captured, ...batch } = batchOf([{ testId: "t" }, { testId: "t" }]);
  expect(await send(stub, { ...batch, events: [], captured })).toMatchObject({
    accepted: 0,
    rejected: [
      { index: 0, code: "consent_refused" },
      { index: 1, code: "consent_refused" },
    ],
  });
});

test("who is confined to sections is told of those alone who do not share in them", async () => {
  const stub = await newClass({ notSharing: [ada, grace], sections: { [ada]: "one", [grace]: "two" } });
  const shown = async (claims: object) => {
    const frame = await (await watch(stub, claims)).next();
    const entities = frame.type === "snapshot" ? frame.entities : [];
    return entities.flatMap((entity) => (entity.kind === "class" ? [entity.data?.notSharing] : []));
  };
  expect(await shown({})).toEqual([[ada, grace]]);
  expect(await shown({ sections: ["two"] })).toEqual([[grace]]);
});

test("a connection opened with what a key has minted ends with the key", async () => {
  const stub = await newClass();
  const watcher = await watch(stub, { by: "key" });
  await watcher.next();
  await stub.configure(settingsOf({ version: 2, revokedBefore: { key: Date.now() + 1_000 } }));
  await expect.poll(() => watcher.closes).toEqual([4403]);
});

test("what waited for a student who is erased is told to nobody who comes as them anew", async () => {
  const stub = await newClass();
  await send(stub, batchOf([{}]));
  await send(stub, batchOf([{ studentId: grace }]));
  const actor = { ...claimsOf(), name: "Alan" };
  for (const studentId of [ada, grace]) {
    await stub.act(actor, { type: "message", studentId, text: `for ${studentId}` });
  }
  await stub.configure(settingsOf(erased(ada)));
  expect(await stub.erase(ada)).toMatchObject({ ok: true, value: { notices: 1 } });
  const toldTo = async (subject: string) => {
    const { webSocket: socket } = await upgrade(stub, { subject, role: "student" });
    const told: string[] = [];
    socket?.addEventListener("message", ({ data }) => told.push(String(data)));
    socket?.accept();
    socket?.send("ping");
    await expect.poll(() => told).toContain("pong");
    return told.filter((text) => text.includes("for "));
  };
  expect(await toldTo(ada)).toEqual([]);
  expect(await toldTo(grace)).toHaveLength(1);
});
