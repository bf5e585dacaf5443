import { limits } from "@cell-monitor/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  call,
  codeOf,
  expectStillTaken,
  logged,
  newClass,
  newEvent,
  newStudent,
  post,
  refusalOf,
  type TestClass,
} from "./api.ts";

let made: TestClass;
let token: string;
let studentId: string;

beforeEach(async () => {
  made = await newClass({ capture_level: "code" });
  ({ token, studentId } = await newStudent(made));
});

// Whatever was refused before, nothing else is lost.
afterEach(() => expectStillTaken(made.class.id, token));

async function loggedEvents() {
  return (await logged(made.class.id)).map(({ e }) => e);
}

describe("a bad event among good ones", () => {
  it.for<[string, unknown, object]>([
    ["no object", 7, { code: "invalid_event" }],
    ["null", null, { code: "invalid_event" }],
    ["a list", [newEvent()], { code: "invalid_event" }],
    ["without an id", newEvent({ eventId: undefined }), { code: "invalid_event" }],
    ["with an empty id", newEvent({ eventId: "" }), { code: "invalid_event" }],
    ["with an id of 65", newEvent({ eventId: "x".repeat(65) }), { code: "invalid_event" }],
    ["with U+0000 in its id", newEvent({ eventId: "a\u0000" }), { code: "invalid_event" }],
    [
      "with half a surrogate in its session",
      newEvent({ eventId: "b", sessionId: "\uD800" }),
      { eventId: "b" },
    ],
    ["with a type that is none", newEvent({ eventId: "b", eventType: "DROP TABLE" }), { eventId: "b" }],
    ["with a time that is none", newEvent({ eventId: "b", eventTime: "now" }), { eventId: "b" }],
    ["number 0", newEvent({ eventId: "b", sessionId: "s", sequence: 0 }), { eventId: "b", sessionId: "s" }],
    ["numbered without a session", newEvent({ eventId: "b", sequence: 1 }), { eventId: "b", sequence: 1 }],
    ["with a negative index", newEvent({ cellIndex: -1 }), { code: "invalid_event" }],
    [
      "with a number too large",
      '{"eventId":"b","eventType":"activity","eventTime":"2026-11-22T10:00:00Z","queuedMs":1e999}',
      { eventId: "b" },
    ],
    ["33 levels deep", newEvent({ eventId: "b", metadata: nested(32) }), { eventId: "b", code: "too_deep" }],
    ["20,000 brackets deep", newEvent({ eventId: "b", metadata: nested(10_000) }), { code: "too_deep" }],
  ])("is refused alone and named: %s", async ([, bad, named]) => {
    const [before, behind] = [newEvent(), newEvent()];
    const raw = typeof bad === "string" ? bad : JSON.stringify(bad);
    const body = `[${JSON.stringify(before)},${raw},${JSON.stringify(behind)}]`;
    const answer = await post(token, body);
    expect(answer).toMatchObject({
      accepted: 2,
      duplicates: 0,
      message: "2 events received and queued for processing.",
    });
    expect(answer.rejected).toHaveLength(1);
    expect(answer.rejected[0]).toMatchObject({ index: 1, ...named });
    expect((await loggedEvents()).map(({ eventId }) => eventId)).toEqual([before.eventId, behind.eventId]);
  });

  it("in a batch with no good one is refused with what an answer says", async () => {
    const refusal = await refusalOf(
      await call("/api/v1/events", { token, body: [7, newEvent({ eventTime: "x" })] }),
    );
    expect(refusal).toMatchObject({
      code: "no_good_event",
      details: { accepted: 0, duplicates: 0, rejected: [{ index: 0 }, { index: 1 }], acks: [] },
    });
  });

  it("counts as received when it was numbered, so that nothing waits for it", async () => {
    const numbered = (sequence: number, fields = {}) => newEvent({ sessionId: "s", sequence, ...fields });
    const answer = await post(token, [numbered(1), numbered(2, { eventTime: "never" }), numbered(3)]);
    expect(answer.acks).toEqual([{ sessionId: "s", through: 3, missing: [] }]);
    expect(answer.rejected).toMatchObject([{ index: 1, sessionId: "s", sequence: 2 }]);
  });
});

describe("a number", () => {
  it("that runs more than 10,000 ahead is refused and not counted as received", async () => {
    await post(token, newEvent({ sessionId: "s", sequence: 1 }));
    const events = [limits.sequenceJump + 2, 2].map((sequence) => newEvent({ sessionId: "s", sequence }));
    const answer = await post(token, events);
    expect(answer.rejected).toMatchObject([
      { index: 0, sequence: limits.sequenceJump + 2, code: "sequence_jump" },
    ]);
    expect(answer.acks).toEqual([{ sessionId: "s", through: 2, missing: [] }]);
    expect(await post(token, newEvent({ sessionId: "s", sequence: limits.sequenceJump + 2 }))).toMatchObject({
      accepted: 1,
      acks: [{ through: limits.sequenceJump + 2, missing: [[3, limits.sequenceJump + 1]] }],
    });
  });

  it("or an id that comes again is a duplicate, and recorded once", async () => {
    const numbered = newEvent({ sessionId: "s", sequence: 1 });
    const unnumbered = newEvent();
    expect(await post(token, [numbered, unnumbered, numbered, unnumbered])).toMatchObject({
      accepted: 2,
      duplicates: 2,
    });
    expect(await post(token, [numbered, unnumbered])).toMatchObject({
      accepted: 0,
      duplicates: 2,
      message: "2 events received and queued for processing.",
    });
    expect(await loggedEvents()).toHaveLength(2);
  });
});

const hostile = [
  "'; DROP TABLE students; --",
  `" OR ""="`,
  "$1 $$ \\ %s {} ${x}",
  'a,b=c d\\,"e"\nstudent_progress,class=x n=1i',
  "<script>alert(1)</script>",
  "../../etc/shadow",
  "__proto__",
  "\u202Eevil\u200B 😀 한",
];

describe("text that means something to a store", () => {
  it.for(hostile)("is recorded as it was sent, in every field: %j", async (text) => {
    const texts = {
      sessionId: text,
      notebookPath: text,
      notebookId: text,
      kernelName: text,
      kernelId: text,
      cellId: text,
      cellTags: [text],
      gradeId: text,
      executionId: text,
      errorName: text,
      errorMessage: text,
      errorTraceback: text,
      errorFingerprint: text,
      helpId: text,
      note: text,
      reason: text,
      code: text,
      result: text,
      outputTypes: [text],
      metadata: { [text]: text },
    };
    const sent = newEvent({ eventId: text, ...texts });
    expect(await post(token, sent)).toMatchObject({ accepted: 1, rejected: [] });
    const [event] = await loggedEvents();
    expect(event?.metadata && Object.entries(event.metadata)).toEqual([[text, text]]);
    const { metadata: _, ...fields } = texts;
    expect(event).toMatchObject({ ...fields, eventId: text, eventType: "activity" });
  });

  it("is kept under keys that mean something to JavaScript", async () => {
    const body = JSON.stringify(newEvent()).replace("{", '{"__proto__":{"admin":true},"constructor":1,');
    expect(await post(token, body)).toMatchObject({ accepted: 1 });
    const [event] = await loggedEvents();
    expect(JSON.stringify(event?.metadata)).toBe('{"__proto__":{"admin":true},"constructor":1}');
  });
});

describe("text that cannot be stored", () => {
  it("is repaired with a mark", async () => {
    await post(
      token,
      newEvent({ code: "a\u0000b\uD800", notebookPath: "\uDFFF.ipynb", metadata: { a: ["\u0000"] } }),
    );
    expect(await loggedEvents()).toMatchObject([
      { code: "a\uFFFDb\uFFFD", notebookPath: "\uFFFD.ipynb", metadata: { a: ["\uFFFD"] }, truncated: true },
    ]);
  });

  it("or is too long is cut with a mark, and the event says so", async () => {
    await post(
      token,
      newEvent({
        code: "x".repeat(limits.textBytes + 1),
        errorTraceback: "y".repeat(limits.tracebackBytes + 1),
      }),
    );
    const [event] = await loggedEvents();
    expect(event?.truncated).toBe(true);
    expect(event?.code).toMatch(/^x+…\[cut\]$/);
    expect(event?.errorTraceback).toMatch(/^y+…\[cut\]$/);
  });
});

describe("a clock", () => {
  const logTime = async () => (await logged(made.class.id)).map(({ r, t }) => r - t);

  it.for(["1970-01-01T00:00:30Z", "2031-01-01T00:00:30Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:30Z"])(
    "that says %s is corrected by when it says the batch was sent",
    async (sentAt) => {
      const eventTime = new Date(Date.parse(sentAt) - 10_000).toISOString();
      await post(token, { v: 1, sentAt, events: [newEvent({ eventTime })] });
      expect(await logTime()).toEqual([10_000]);
      expect(await loggedEvents()).toMatchObject([{ eventTime }]);
    },
  );

  it("that is ahead and doesn't say when the batch was sent counts as the arrival", async () => {
    await post(token, [newEvent({ eventTime: "2031-01-01T00:00:00Z" })]);
    expect(await logTime()).toEqual([0]);
  });

  it("of nonsense is refused with its event, or not looked at when it is the batch's", async () => {
    const body = { v: 1, sentAt: "soon", events: [newEvent()] };
    expect(await post(token, body)).toMatchObject({ accepted: 1 });
    expect(await codeOf(await call("/api/v1/events", { token, body: { ...body, sentAt: 5 } }))).toBe(
      "invalid_body",
    );
  });
});

describe("what a class does not collect", () => {
  it("never reaches its log", async () => {
    const quiet = await newClass();
    const student = await newStudent(quiet);
    const secret = {
      code: "secret",
      result: "secret",
      outputTypes: ["secret"],
      errorMessage: "secret",
      errorTraceback: "secret",
    };
    await post(
      student.token,
      newEvent({ eventType: "cell_execution_error", errorName: "NameError", ...secret }),
    );
    const [row] = await logged(quiet.class.id);
    expect(JSON.stringify(row)).not.toContain("secret");
    expect(row?.e.errorFingerprint).toMatch(/^NameError:/);
  });
});

describe("whose an event is", () => {
  it("a student's credential alone says", async () => {
    const other = await newStudent(made);
    await post(
      token,
      newEvent({ userId: "somebody else", userName: "Mallory", teamName: "x", studentId: other.studentId }),
    );
    const [row] = await logged(made.class.id);
    expect(row?.s).toBe(studentId);
    expect(row?.e).not.toMatchObject({ userName: "Mallory" });
    expect(row?.e.userId).not.toBe("somebody else");
  });

  it("a class key that may ingest says, and must", async () => {
    const known = await newStudent(made, "ada@class.example");
    const events = [
      newEvent({ userId: " ADA@class.example " }),
      newEvent(),
      newEvent({ emailAddress: "ada@class.example" }),
    ];
    const answer = await post(made.key, events);
    expect(answer).toMatchObject({ accepted: 2, rejected: [{ index: 1, code: "missing_user" }] });
    expect((await logged(made.class.id)).map(({ s }) => s)).toEqual([known.studentId, known.studentId]);
  });

  it("keeps one student from suppressing another's events", async () => {
    const other = await newStudent(made);
    const events = [newEvent(), newEvent({ sessionId: "s", sequence: 1 })];
    expect(await post(token, events)).toMatchObject({ accepted: 2 });
    expect(await post(other.token, events)).toMatchObject({ accepted: 2, duplicates: 0 });
  });
});

function nested(levels: number): unknown {
  return JSON.parse("[".repeat(levels) + "]".repeat(levels));
}
