import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import {
  type CapturedEvent,
  eventsAnswerSchema,
  limits,
  testCaptureSchema,
  testSummarySchema,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  call,
  codeOf,
  logged,
  newClass,
  newEvent,
  newInstructor,
  newStudent,
  post,
  read,
  type TestClass,
} from "./api.ts";
import { studentSocket } from "./student.ts";

const path = "/api/v1/test/events";

let made: TestClass;
let classId: string;
let ada: string;
let teacher: string;
const testId = "e2e/1 ä";
const ofTest = `${path}/${encodeURIComponent(testId)}`;

beforeEach(async () => {
  made = await newClass();
  classId = made.class.id;
  ada = (await newStudent(made)).token;
  teacher = (await newInstructor(made)).token;
});
afterEach(() => vi.restoreAllMocks());

async function captured(token: string, address = ofTest): Promise<CapturedEvent[]> {
  return (await read(await call(address, { token }), testCaptureSchema)).events;
}

async function idsSeen(token: string, address = ofTest): Promise<string[]> {
  return (await captured(token, address)).map(({ event }) => event.eventId);
}

async function tests(token: string, search = ""): Promise<string[]> {
  const response = await call(`${path}${search}`, { token });
  return (await read(response, v.array(testSummarySchema))).map(({ test_id }) => test_id);
}

describe("events posted for a test", () => {
  it("are answered like any, are to be had, and are no part of the class", async () => {
    const sent = [newEvent({ sessionId: "s", sequence: 7 }), newEvent({ userId: "somebody else" })];
    const answer = await read(await call(ofTest, { token: ada, body: sent }), eventsAnswerSchema);
    expect(answer).toMatchObject({
      accepted: 2,
      acks: [],
      message: "2 events received and queued for processing.",
    });
    expect(await idsSeen(teacher)).toEqual(sent.map(({ eventId }) => eventId));
    expect(await tests(ada)).toEqual([testId]);
    expect(await logged(classId)).toEqual([]);
    // The session's first number is still waited for.
    expect(await post(ada, newEvent({ sessionId: "s", sequence: 1 }))).toMatchObject({
      acks: [{ through: 1, missing: [] }],
    });
  });

  it("are admitted like any: a bad one is refused alone, and a batch of them as a whole", async () => {
    const good = newEvent();
    const answer = await read(await call(ofTest, { token: ada, body: [7, good] }), eventsAnswerSchema);
    expect(answer).toMatchObject({ accepted: 1, rejected: [{ index: 0, code: "invalid_event" }] });
    expect(await codeOf(await call(ofTest, { token: ada, body: [7] }))).toBe("no_good_event");
    expect(await codeOf(await call(ofTest, { token: ada, body: [] }))).toBe("invalid_body");
    expect(await idsSeen(ada)).toEqual([good.eventId]);
  });

  it("hold no more than the class may collect", async () => {
    await call(ofTest, { token: ada, body: newEvent({ code: "secret = 1" }) });
    expect((await captured(teacher))[0]?.event).not.toHaveProperty("code");
  });

  it("are gone once removed, which answers them", async () => {
    const sent = newEvent();
    await call(ofTest, { token: ada, body: sent });
    const removed = await read(await call(ofTest, { token: teacher, method: "DELETE" }), testCaptureSchema);
    expect(removed).toMatchObject({ test_id: testId, count: 1, events: [{ event: sent }] });
    expect(await codeOf(await call(ofTest, { token: teacher }))).toBe("not_found");
    expect(await codeOf(await call(ofTest, { token: teacher, method: "DELETE" }))).toBe("not_found");
  });

  it("are taken off the disk by the alarm, ten minutes after the last of them", async () => {
    const stub = env.TEST_CAPTURE.getByName(classId);
    const rows = () =>
      runInDurableObject(
        stub,
        (_, { storage }) => storage.sql.exec("SELECT number FROM captured").toArray().length,
      );
    const alarm = () => runInDurableObject(stub, (_, { storage }) => storage.getAlarm());
    await call(ofTest, { token: ada, body: newEvent() });
    const dueMs = (await alarm()) ?? 0;
    const startMs = Date.now();
    expect(Math.abs(dueMs - startMs - limits.captureMs)).toBeLessThan(60_000);
    vi.spyOn(Date, "now").mockReturnValue(startMs + 1_000);
    await call(ofTest, { token: ada, body: newEvent() });
    expect(await alarm()).toBe(dueMs);
    vi.mocked(Date.now).mockReturnValue(dueMs);
    expect(await runDurableObjectAlarm(stub)).toBe(true);
    expect(await rows()).toBe(2);
    expect(await alarm()).toBe(startMs + 1_000 + limits.captureMs);
    vi.mocked(Date.now).mockReturnValue(startMs + 1_000 + limits.captureMs);
    expect(await runDurableObjectAlarm(stub)).toBe(true);
    expect(await rows()).toBe(0);
    expect(await alarm()).toBeNull();
  });
});

describe("events that name a test, among those of the class", () => {
  it.for(["testId", "test_id"])("are captured and not recorded: %s", async (field) => {
    const [own, marked] = [newEvent(), newEvent({ [field]: testId })];
    expect(await post(ada, [marked, own])).toMatchObject({ accepted: 2, rejected: [] });
    expect(await idsSeen(teacher)).toEqual([marked.eventId]);
    expect((await logged(classId)).map(({ e }) => e.eventId)).toEqual([own.eventId]);
    expect(await post(ada, [marked])).toMatchObject({ accepted: 0, duplicates: 1 });
  });

  it("count as received where they are numbered", async () => {
    const numbered = (sequence: number, fields = {}) => newEvent({ sessionId: "s", sequence, ...fields });
    const answer = await post(ada, [numbered(1), numbered(2, { testId }), numbered(3)]);
    expect(answer).toMatchObject({ accepted: 3, acks: [{ sessionId: "s", through: 3, missing: [] }] });
    expect((await logged(classId)).map(({ e }) => e.sequence)).toEqual([1, 3]);
  });

  it("are captured from a student's live connection", async () => {
    const student = await studentSocket(`/api/v1/live/${classId}`, ada);
    const marked = newEvent({ testId });
    student.send("a", marked, newEvent());
    expect(await student.next()).toMatchObject({ type: "ack", ids: ["a"], accepted: 2, rejected: [] });
    student.socket.close(1000);
    expect(await idsSeen(teacher)).toEqual([marked.eventId]);
    expect(await logged(classId)).toHaveLength(1);
  });

  it("are captured for the student whom a class key names", async () => {
    const grace = await newStudent(made, "grace");
    await post(made.key, newEvent({ testId, userId: "grace" }));
    expect(await captured(made.key)).toMatchObject([{ student_id: grace.studentId }]);
    expect(await idsSeen(grace.token)).toHaveLength(1);
  });
});

describe("a test of somebody else", () => {
  it("is nothing to another student of the class, neither to see nor to remove", async () => {
    const eve = (await newStudent(made)).token;
    await call(ofTest, { token: ada, body: newEvent() });
    expect(await tests(eve)).toEqual([]);
    expect(await codeOf(await call(ofTest, { token: eve }))).toBe("not_found");
    expect(await codeOf(await call(ofTest, { token: eve, method: "DELETE" }))).toBe("not_found");
    expect(await idsSeen(ada)).toHaveLength(1);
  });

  it("is nothing to another class, whatever class is asked for", async () => {
    await call(ofTest, { token: ada, body: newEvent() });
    const other = (await newInstructor(await newClass())).token;
    expect(await tests(other)).toEqual([]);
    for (const method of ["GET", "POST", "DELETE"]) {
      const asked = { token: other, method, ...(method === "POST" && { body: newEvent() }) };
      expect(await codeOf(await call(`${ofTest}?class_id=${classId}`, asked))).toBe("class_not_found");
    }
    expect(await idsSeen(ada)).toHaveLength(1);
  });
});

describe("an administrator, whose credential names no class", () => {
  it("says which class is meant", async () => {
    const token = made.admin;
    expect(await codeOf(await call(ofTest, { token }))).toBe("invalid_body");
    const address = `${ofTest}?class_id=${classId}`;
    await call(address, { token, body: newEvent() });
    expect(await idsSeen(token, address)).toHaveLength(1);
    expect(await idsSeen(teacher)).toHaveLength(1);
    const unknown = `${ofTest}?class_id=${crypto.randomUUID()}`;
    expect(await codeOf(await call(unknown, { token }))).toBe("class_not_found");
  });
});
