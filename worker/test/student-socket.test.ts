import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { closeCodes, limits, ticketSchema } from "@cell-monitor/protocol";
import * as v from "valibot";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { call, logged, newClass, newEvent, newInstructor, newStudent, post, type TestClass } from "./api.ts";
import { forge } from "./forge.ts";
import { studentSocket, type StudentSocket } from "./student.ts";
import { type Dashboard, dashboardOn, upgrade } from "./watch.ts";

let made: TestClass;
let path: string;
let ada: { token: string; studentId: string; refreshToken: string };

beforeEach(async () => {
  made = await newClass();
  path = `/api/v1/live/${made.class.id}`;
  ada = await newStudent(made);
});

const open: Pick<WebSocket, "close">[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.close(1000);
});

async function connect(token = ada.token, search = ""): Promise<StudentSocket> {
  const student = await studentSocket(path, token, search);
  open.push(student.socket);
  return student;
}

async function watch(): Promise<Dashboard> {
  const dashboard = dashboardOn(await upgrade(path, (await newInstructor(made)).token));
  open.push(dashboard.socket);
  await dashboard.next();
  return dashboard;
}

function numbered(sequence: number, fields: object = {}) {
  return newEvent({ sessionId: "s", sequence, ...fields });
}

describe("events over a student's socket", () => {
  it("are acknowledged by the frame's name, and are in the log by then", async () => {
    const student = await connect();
    student.send("a", numbered(1), numbered(2), numbered(5));
    expect(await student.next()).toEqual({
      type: "ack",
      ids: ["a"],
      accepted: 3,
      duplicates: 0,
      rejected: [],
      acks: [{ sessionId: "s", through: 5, missing: [[3, 4]] }],
    });
    expect((await logged(made.class.id)).map(({ s, e }) => [s, e.sequence])).toEqual([
      [ada.studentId, 1],
      [ada.studentId, 2],
      [ada.studentId, 5],
    ]);
  });

  it("are known again over HTTP, and the other way round", async () => {
    const student = await connect();
    student.send("a", numbered(1));
    await student.next();
    expect(await post(ada.token, { v: 1, events: [numbered(1), numbered(2)] })).toMatchObject({
      accepted: 1,
      duplicates: 1,
    });
    student.send("b", numbered(2), numbered(3));
    expect(await student.next()).toMatchObject({ ids: ["b"], accepted: 1, duplicates: 1 });
  });

  it("are the student's whom the credential names, whatever they say", async () => {
    const student = await connect();
    student.send("a", numbered(1, { userId: "grace", userName: "Grace" }));
    await student.next();
    const [{ s, e } = { s: "", e: undefined }] = await logged(made.class.id);
    expect(s).toBe(ada.studentId);
    expect(e?.userName).not.toBe("Grace");
  });

  it("are kept to what the class may collect", async () => {
    const student = await connect();
    student.send("a", numbered(1, { eventType: "cell_execution_error", errorName: "E", code: "secret" }));
    await student.next();
    const [{ e } = { e: undefined }] = await logged(made.class.id);
    expect(e).toMatchObject({ errorName: "E" });
    expect(e).not.toHaveProperty("code");
  });

  it("that are bad are named one by one, and count as received", async () => {
    const student = await connect();
    student.send("a", numbered(1), numbered(2, { eventType: "Not A Type" }), numbered(3));
    expect(await student.next()).toMatchObject({
      ids: ["a"],
      accepted: 2,
      rejected: [{ index: 1, sequence: 2, code: "invalid_event" }],
      acks: [{ through: 3, missing: [] }],
    });
  });

  it("that are all bad are acknowledged all the same, since nothing may jam", async () => {
    const student = await connect();
    student.send("a", numbered(1, { eventTime: "yesterday" }));
    expect(await student.next()).toMatchObject({
      type: "ack",
      accepted: 0,
      acks: [{ sessionId: "s", through: 1, missing: [] }],
    });
  });

  it("of many frames at once are all acknowledged, each frame by its name", async () => {
    const student = await connect();
    const ids = Array.from({ length: 50 }, (_, index) => `f${index}`);
    for (const [index, id] of ids.entries()) student.send(id, numbered(index + 1));
    const answered: string[] = [];
    let accepted = 0;
    while (answered.length < ids.length) {
      const frame = await student.next();
      if (frame.type !== "ack") throw new Error(frame.type);
      answered.push(...frame.ids);
      accepted += frame.accepted;
    }
    expect({ answered, accepted }).toEqual({ answered: ids, accepted: 50 });
  });
});

describe("a frame", () => {
  it.each([
    ["that is no JSON", "{", "invalid_json", undefined],
    ["of no type we know", { type: "resume", epoch: "", to: 0 }, "invalid_body", undefined],
    ["without a name", { type: "events", v: 1, events: [newEvent()] }, "invalid_body", undefined],
    ["with an empty list", { type: "events", id: "a", v: 1, events: [] }, "invalid_body", "a"],
    ["of another version", { type: "events", id: "a", v: 2, events: [newEvent()] }, "invalid_body", "a"],
    [
      "with too many events",
      { type: "events", id: "a", v: 1, events: Array.from({ length: limits.batchEvents + 1 }, () => ({})) },
      "too_many_events",
      "a",
    ],
    ["that is too large", `"${"é".repeat(limits.batchBytes / 2)}"`, "body_too_large", undefined],
  ])("%s is answered with an error, and the connection goes on", async (_, frame, code, id) => {
    const student = await connect();
    student.say(frame);
    expect(await student.next()).toMatchObject({ type: "error", code, ...(id !== undefined && { id }) });
    student.send("next", numbered(1));
    expect(await student.next()).toMatchObject({ type: "ack", ids: ["next"], accepted: 1 });
  });

  it("of bytes is answered with an error", async () => {
    const student = await connect();
    student.socket.send(new Uint8Array([1, 2, 3]));
    expect(await student.next()).toMatchObject({ type: "error", code: "unsupported_media_type" });
  });
});

describe("a student's connection", () => {
  it("opens with a ticket, once", async () => {
    const response = await call("/api/v1/auth/ticket", { method: "POST", token: ada.token });
    const { ticket } = v.parse(ticketSchema, await response.json());
    const student = await connect(ticket);
    student.send("a", numbered(1));
    expect(await student.next()).toMatchObject({ accepted: 1 });
    expect((await upgrade(path, ticket)).status).toBe(401);
  });

  it("that a ticket opened lasts as long as the token that the ticket was made from", async () => {
    const nowS = Math.floor(Date.now() / 1000);
    const token = await forge(made.class.id, { claims: { sub: ada.studentId, exp: nowS + 400 } });
    const response = await call("/api/v1/auth/ticket", { method: "POST", token });
    const { ticket } = v.parse(ticketSchema, await response.json());
    await connect(ticket);
    const expiry = await runInDurableObject(env.CLASSROOM.getByName(made.class.id), (_, state) =>
      state.getWebSockets().map((socket): unknown => socket.deserializeAttachment()),
    );
    expect(expiry).toMatchObject([{ expiresMs: (nowS + 400) * 1000 }]);
  });

  it("is all that a ticket opens", async () => {
    const response = await call("/api/v1/auth/ticket", { method: "POST", token: ada.token });
    const { ticket } = v.parse(ticketSchema, await response.json());
    const headers = { "sec-websocket-protocol": `cell-monitor.v1, bearer.${ticket}` };
    expect((await call("/api/v1/auth/ticket", { method: "POST", headers })).status).toBe(401);
  });

  it("of a page with a long name is let in like any other", async () => {
    const student = await connect(ada.token, `?session=${"课".repeat(limits.idLength)}`);
    student.send("a", numbered(1));
    expect(await student.next()).toMatchObject({ ids: ["a"] });
  });

  it("takes the place of an older one of the same page, and of no other", async () => {
    const first = await connect(ada.token, "?session=s");
    const tab = await connect(ada.token, "?session=t");
    const grace = await connect((await newStudent(made)).token, "?session=s");
    await connect(ada.token, "?session=s");
    expect(await first.closed()).toBe(closeCodes.replaced);
    for (const other of [tab, grace]) {
      other.send("a", numbered(1));
      expect(await other.next()).toMatchObject({ ids: ["a"] });
    }
  });

  it("is closed at the first frame after its token expired", async () => {
    const nowS = Math.floor(Date.now() / 1000);
    const student = await connect(await forge(made.class.id, { claims: { exp: nowS + 2 } }));
    const closes = () => {
      if (student.closes.length === 0) student.send("a", numbered(1));
      return student.closes;
    };
    await expect.poll(closes, { timeout: 5_000 }).toEqual([closeCodes.expired]);
  });

  it("goes on with a newer token, and with nobody else's", async () => {
    const nowS = Math.floor(Date.now() / 1000);
    const sub = ada.studentId;
    const old = await forge(made.class.id, { claims: { sub, iat: nowS - 10, exp: nowS + 2 } });
    const student = await connect(old);
    student.say({ type: "renew", token: (await newStudent(made)).token });
    expect(await student.next()).toMatchObject({ type: "error", code: "forbidden" });
    student.say({ type: "renew", token: ada.refreshToken });
    expect(await student.next()).toMatchObject({ type: "error", code: "forbidden" });
    student.say({ type: "renew", token: "nonsense" });
    expect(await student.next()).toMatchObject({ type: "error", code: "unauthenticated" });
    student.say({ type: "renew", token: ada.token });
    await expect.poll(() => Date.now() > (nowS + 2) * 1000, { timeout: 5_000 }).toBe(true);
    student.send("late", numbered(1));
    expect(await student.next()).toMatchObject({ ids: ["late"], accepted: 1 });
  });

  it("is refused for another class, and with a class key", async () => {
    const other = await newClass();
    expect((await upgrade(`/api/v1/live/${other.class.id}`, ada.token)).status).toBe(404);
    expect((await upgrade(path, made.key)).status).toBe(403);
  });
});

describe("presence", () => {
  it("is shown to who watches as connections come and go", async () => {
    await post(ada.token, numbered(1));
    const dashboard = await watch();
    const student = await connect();
    const come = await dashboard.student(ada.studentId, ({ connected }) => connected === true);
    student.socket.close(1000);
    const gone = await dashboard.student(ada.studentId, ({ connected }) => connected === undefined);
    expect(gone.seenMs).toBeGreaterThanOrEqual(come.seenMs);
  });

  it("lasts as long as one of a student's connections does", async () => {
    await post(ada.token, numbered(1));
    const [first, second] = [await connect(ada.token, "?session=a"), await connect(ada.token, "?session=b")];
    first.socket.close(1000);
    second.send("a", numbered(2));
    await second.next();
    const dashboard = dashboardOn(await upgrade(path, (await newInstructor(made)).token));
    open.push(dashboard.socket);
    const shown = await dashboard.student(ada.studentId, () => true);
    expect(shown.connected).toBe(true);
  });
});

describe("a student who waits for help", () => {
  const help = (sequence: number) => numbered(sequence, { eventType: "help", helpId: "h" });

  it("is told the place in the queue, as those before leave it", async () => {
    const grace = await newStudent(made);
    const [first, second] = [await connect(), await connect(grace.token)];
    first.send("a", help(1));
    await expect.poll(() => first.frames).toContainEqual(waiting(1));
    second.send("a", help(1));
    await expect.poll(() => second.frames).toContainEqual(waiting(2));
    first.send("b", numbered(2, { eventType: "help_stop", helpId: "h" }));
    await expect.poll(() => second.frames).toContainEqual(waiting(1));
    await expect
      .poll(() => first.frames)
      .toContainEqual({ type: "help_state", helpId: "h", state: "closed" });
  });

  it("is told again on coming back, and over HTTP with every answer", async () => {
    expect(await post(ada.token, help(1))).toMatchObject({ notifications: [waiting(1)] });
    const student = await connect();
    expect(await student.next()).toEqual(waiting(1));
    const stop = numbered(2, { eventType: "help_stop", helpId: "h" });
    expect(await post(ada.token, stop)).toMatchObject({ notifications: [] });
  });

  function waiting(position: number) {
    return { type: "help_state", helpId: "h", state: "waiting", position };
  }
});
