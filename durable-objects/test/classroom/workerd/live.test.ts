import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { type InstructorFrame, snapshotFrameSchema } from "@cell-monitor/protocol";
import * as v from "valibot";
import { expect, test, vi } from "vitest";
import { ada, batchOf, numbered } from "../batches.ts";
import { claimsOf, newClass, query, send, settingsOf } from "./class.ts";
import { statusOf, upgrade, watch } from "./watch.ts";

test("a dashboard is shown the class, and then each change from where it was", async () => {
  const stub = await newClass();
  await send(stub, batchOf(numbered(1, 2)));
  const dashboard = await watch(stub);
  const snapshot = await dashboard.next();
  expect(snapshot).toMatchObject({ type: "snapshot", to: 2 });
  await send(stub, batchOf(numbered(3, 3)));
  expect(await dashboard.next()).toMatchObject({
    type: "patch",
    from: 2,
    to: 3,
    entities: [
      { kind: "student", id: ada, version: 3 },
      { kind: "minute", version: 3 },
    ],
  });
});

test("a dashboard is told of events that are known of and have not arrived, and of a refused one that no longer lacks", async () => {
  const stub = await newClass();
  await send(stub, batchOf([...numbered(1, 1), ...numbered(4, 4)]));
  const dashboard = await watch(stub);
  const missingIn = (frame: InstructorFrame) =>
    "entities" in frame
      ? frame.entities.flatMap(({ kind, data }) => (kind === "student" ? [data?.missing] : []))
      : [];
  expect(missingIn(await dashboard.next())).toEqual([2]);
  await send(stub, batchOf([], [{ studentId: ada, sessionId: "session", sequence: 2 }]));
  expect(missingIn(await dashboard.next())).toEqual([1]);
  await send(stub, batchOf(numbered(3, 3)));
  expect(missingIn(await dashboard.next())).toEqual([undefined]);
});

test("a connection survives the class's sleep: the next event arrives, in the same epoch, without a gap", async () => {
  const stub = await newClass();
  await send(stub, batchOf(numbered(1, 2)));
  const dashboard = await watch(stub);
  const snapshot = await dashboard.next();
  await evictDurableObject(stub);
  await send(stub, batchOf(numbered(3, 3)));
  const patch = await dashboard.next();
  expect(patch).toMatchObject({ type: "patch", from: 2, to: 3 });
  expect("epoch" in patch && "epoch" in snapshot && patch.epoch === snapshot.epoch).toBe(true);
});

test("a dashboard that comes back is sent what it missed, across a restart of the class, and no snapshot", async () => {
  const stub = await newClass();
  await send(stub, batchOf([...numbered(1, 1), { studentId: "grace" }]));
  const first = await watch(stub);
  const snapshot = await first.next();
  if (snapshot.type !== "snapshot") throw new Error("no snapshot");
  await evictDurableObject(stub, { webSockets: "close" });
  await send(stub, batchOf(numbered(2, 3)));
  await evictDurableObject(stub);
  const second = await watch(stub, {}, `?epoch=${snapshot.epoch}&to=${snapshot.to}`);
  const patch = await second.next();
  expect(patch).toMatchObject({ type: "patch", from: 2, to: 4 });
  const students = patch.type === "patch" ? patch.entities.filter(({ kind }) => kind === "student") : [];
  // Of others only who may be connected no more is told: a class that slept has not seen their sockets go.
  expect(students.filter(({ version }) => version > 2).map(({ id }) => id)).toEqual([ada]);
});

test("runs are sent to who follows their student, after a sleep too", async () => {
  const stub = await newClass();
  const dashboard = await watch(stub);
  await dashboard.next();
  dashboard.say({ type: "subscribe", students: [ada] });
  await vi.waitFor(() =>
    runInDurableObject(stub, (_, state) => {
      const [socket] = state.getWebSockets();
      expect(socket?.deserializeAttachment()).toMatchObject({ students: [ada] });
    }),
  );
  await evictDurableObject(stub);
  await send(
    stub,
    batchOf(numbered(1, 1, { eventType: "cell_execution_start", executionId: "x", cellId: "c" })),
  );
  const patch = await dashboard.next();
  expect(patch.type === "patch" && patch.entities.map(({ kind }) => kind)).toEqual([
    "student",
    "lesson",
    "minute",
    "run",
  ]);
});

test("a follower who comes back is told of the run that is no more", async () => {
  const stub = await newClass();
  await send(stub, batchOf(numbered(1, 1, { eventType: "cell_execution_start", executionId: "x" })));
  const dashboard = await watch(stub);
  const { epoch, to } = v.parse(snapshotFrameSchema, await dashboard.next());
  dashboard.say({ type: "subscribe", students: [ada] });
  expect(await dashboard.next()).toMatchObject({ type: "patch", from: to, to });
  const aborted = { eventType: "cell_execution_complete", executionId: "x", status: "aborted" } as const;
  await send(stub, batchOf(numbered(2, 2, aborted)));
  dashboard.say({ type: "resume", epoch, to });
  await vi.waitFor(() =>
    expect(dashboard.frames.at(-1)).toMatchObject({
      type: "patch",
      from: to,
      entities: expect.arrayContaining([
        expect.objectContaining({ kind: "run", id: `${ada}/0`, data: null }),
      ]),
    }),
  );
});

test("a dashboard that is gone costs nobody their commit", async () => {
  const stub = await newClass();
  await watch(stub);
  await runInDurableObject(stub, (_, state) => {
    for (const socket of state.getWebSockets()) socket.close(1011, "gone");
  });
  expect(await send(stub, batchOf(numbered(1, 1)))).toMatchObject({ accepted: 1 });
  expect(await send(stub, batchOf(numbered(2, 2)))).toMatchObject({ accepted: 1 });
});

test("a ticket opens one connection, also when the class has slept in between", async () => {
  const stub = await newClass();
  const ticket = { ticketId: crypto.randomUUID() };
  await watch(stub, ticket);
  expect(await statusOf(stub, ticket)).toBe(401);
  await evictDurableObject(stub);
  expect(await statusOf(stub, ticket)).toBe(401);
});

test("a credential that has expired, was revoked, or is of no class opens nothing", async () => {
  const stub = await newClass({ keyVersion: 2 });
  expect(await statusOf(stub, { keyVersion: 2, expiresMs: Date.now() - 1 })).toBe(401);
  expect(await statusOf(stub, { keyVersion: 1 })).toBe(401);
  expect(await stub.check(claimsOf({ keyVersion: 1 }))).toMatchObject({ refusal: { code: "token_revoked" } });
});

test("a rotation of the class's keys closes the connections made with the old ones at once", async () => {
  const stub = await newClass();
  const dashboard = await watch(stub);
  await dashboard.next();
  await stub.configure(settingsOf({ version: 2, keyVersion: 2 }));
  await vi.waitFor(() => expect(dashboard.closes).toEqual([4403]));
});

test("the bearer offered beside the protocol is not sent back", async () => {
  const stub = await newClass();
  const { headers, webSocket } = await upgrade(stub);
  webSocket?.accept();
  expect(headers.get("sec-websocket-protocol")).toBe("cell-monitor.v1");
});

test("a run's code and output are read from the log, after a sleep too, and are nowhere else", async () => {
  const stub = await newClass();
  const run = { executionId: "x", cellId: "c" };
  const start = numbered(1, 1, { ...run, eventType: "cell_execution_start", code: "1/0" });
  const failed = {
    ...run,
    eventType: "cell_execution_error",
    status: "error",
    errorTraceback: "deep",
  } as const;
  await send(stub, batchOf([...start, ...numbered(2, 2, failed)]));
  await send(stub, batchOf(numbered(3, 200)));
  await evictDurableObject(stub);
  const dashboard = await watch(stub);
  await dashboard.next();
  dashboard.say({ type: "subscribe", students: [ada] });
  const patch = await dashboard.next();
  const runs = patch.type === "patch" ? patch.entities.filter(({ data }) => data !== null) : [];
  expect(runs).toMatchObject([{ kind: "run", data: { code: "1/0", errorTraceback: "deep" } }]);
  const parts = await query<{ body: string }>(stub, "SELECT body FROM checkpoint");
  expect(parts).not.toHaveLength(0);
  expect(parts.map(({ body }) => body).join("")).not.toContain("1/0");
});
