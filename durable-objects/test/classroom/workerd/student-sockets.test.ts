import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { type StudentFrame, studentFrameSchema } from "@cell-monitor/protocol";
import * as v from "valibot";
import { expect, test, vi } from "vitest";
import { ada, batchOf, grace, numbered } from "../batches.ts";
import { type ClassStub, logRows, newClass, query, send } from "./class.ts";
import { snapshotOf, upgrade } from "./watch.ts";

interface Page {
  readonly socket: WebSocket;
  readonly frames: StudentFrame[];
  send(id: string, sequence: number, fields?: object): void;
  acked(): string[];
}

async function openPage(stub: ClassStub, subject: string, session = "s1"): Promise<Page> {
  const { webSocket: socket } = await upgrade(stub, { subject, role: "student" }, `?session=${session}`);
  if (!socket) throw new Error("not upgraded");
  const frames: StudentFrame[] = [];
  socket.addEventListener("message", ({ data }) => {
    frames.push(v.parse(studentFrameSchema, JSON.parse(String(data))));
  });
  socket.accept();
  return {
    socket,
    frames,
    send: (id, sequence, fields = {}) => {
      const eventTime = new Date().toISOString();
      const event = { eventId: `${session}-${sequence}`, eventType: "activity", eventTime, ...fields };
      const events = [{ sessionId: session, sequence, ...event }];
      socket.send(JSON.stringify({ type: "events", id, v: 1, events }));
    },
    acked: () => frames.flatMap((frame) => (frame.type === "ack" ? frame.ids : [])),
  };
}

function studentIn({ entities }: Awaited<ReturnType<typeof snapshotOf>>, id: string) {
  const found = entities.find((entity) => entity.kind === "student" && entity.id === id);
  return found?.kind === "student" ? found.data : undefined;
}

test("what many connections send at once is one row of the log", async () => {
  const stub = await newClass();
  const pages = await Promise.all(
    Array.from({ length: 20 }, (_, index) => openPage(stub, ada, `session${index}`)),
  );
  for (const page of pages) page.send("a", 1);
  for (const page of pages) await expect.poll(page.acked).toEqual(["a"]);
  const rows = await logRows(stub);
  expect(rows.at(-1)?.last).toBe(20);
  expect(rows.length).toBeLessThan(20);
});

test("a connection outlives the class's sleep, and so does what its session has sent", async () => {
  const stub = await newClass();
  const page = await openPage(stub, ada);
  for (const sequence of [1, 2, 3]) {
    page.send(`f${sequence}`, sequence);
    await expect.poll(page.acked).toContain(`f${sequence}`);
    await evictDurableObject(stub);
  }
  page.send("again", 2);
  await expect.poll(() => page.frames.at(-1)).toMatchObject({ ids: ["again"], accepted: 0, duplicates: 1 });
  expect(studentIn(await snapshotOf(stub), ada)?.connected).toBe(true);
});

test("who is connected has not left, however long nothing is heard", async () => {
  const stub = await newClass();
  const page = await openPage(stub, ada);
  const raisedMs = Date.now() - 3_600_000;
  const raised = { eventType: "help", helpId: "h" };
  await send(stub, batchOf([raised, { ...raised, studentId: grace }], [], raisedMs));
  await runDurableObjectAlarm(stub);
  const shown = await snapshotOf(stub);
  expect([studentIn(shown, ada)?.help?.helpId, studentIn(shown, grace)?.help]).toEqual(["h", undefined]);
  page.socket.close(1000);
});

test("a hand stays up for ten minutes after its student left, over a sleep too", async () => {
  const stub = await newClass();
  const page = await openPage(stub, ada);
  await send(stub, batchOf([{ eventType: "help", helpId: "h", timeMs: Date.now() - 3_600_000 }]));
  page.socket.close(1000);
  await vi.waitFor(async () => {
    expect(await query(stub, "SELECT value FROM meta WHERE key = 'left'")).toHaveLength(1);
  });
  await evictDurableObject(stub);
  await runDurableObjectAlarm(stub);
  expect(studentIn(await snapshotOf(stub), ada)?.help?.helpId).toBe("h");
});

test("numbers of students' events don't stand in one another's way", async () => {
  const stub = await newClass();
  const [first, second] = [await openPage(stub, ada), await openPage(stub, grace)];
  first.send("a", 1);
  await expect.poll(first.acked).toEqual(["a"]);
  second.send("b", 1);
  await expect.poll(() => second.frames.at(-1)).toMatchObject({ ids: ["b"], accepted: 1, duplicates: 0 });
  const again = batchOf(numbered(1, 1, { sessionId: "s1" }));
  expect(await send(stub, again)).toMatchObject({ accepted: 0, duplicates: 1 });
});
