import * as fc from "fast-check";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import {
  admit,
  admitEvent,
  type AdmitContext,
  byteLength,
  cutMark,
  eventSchema,
  isEvent,
  isJsonObject,
  limits,
  repairJson,
} from "../src/index.ts";

const receivedMs = Date.parse("2026-11-22T10:00:00Z");
const context: AdmitContext = { receivedMs };

function eventOf(fields: object = {}) {
  return { eventId: "e1", eventType: "activity", eventTime: "2026-11-22T09:59:00Z", ...fields };
}

function admitted(fields: object, at = context) {
  const verdict = admitEvent(eventOf(fields), at);
  if (!verdict.ok) throw new Error(verdict.message);
  return verdict.admitted;
}

function refusal(fields: object) {
  const verdict = admitEvent(eventOf(fields), context);
  return verdict.ok ? "admitted" : `${verdict.code} ${verdict.message}`;
}

// Values that are nearly right get further than random ones do.
const anyValue = fc.oneof(
  fc.string({ unit: "binary", maxLength: 80 }),
  fc.constantFrom(
    "a\u0000",
    "a\uD800",
    "error",
    "ok",
    "code",
    "2026-01-01T00:00:00+09:00",
    "cell_executed",
    "abcdef0123456789",
    "",
  ),
  fc.double(),
  fc.integer({ min: -2 }),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.string({ unit: "binary" })),
  fc.jsonValue({ maxDepth: 4, stringUnit: "binary" }),
);
const anyKey = fc.oneof(
  fc.constantFrom(...Object.keys(eventSchema.entries), "emailAddress", "test_id", "__proto__", "constructor"),
  fc.string({ unit: "binary" }),
);
const nearlyEvent = fc
  .array(fc.tuple(anyKey, anyValue))
  .map((entries): unknown => JSON.parse(JSON.stringify({ ...eventOf(), ...Object.fromEntries(entries) })));

describe("admission", () => {
  it("gives a verdict on any JSON, and throws on none", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.jsonValue(), nearlyEvent), { maxLength: 5 }), (events) => {
        const { admitted: good, rejected, places } = admit(events, context);
        expect([...places, ...rejected.map(({ index }) => index)].sort((a, b) => a - b)).toEqual([
          ...events.keys(),
        ]);
        expect(good).toHaveLength(places.length);
      }),
    );
  });

  it("admits only what is an event, can be stored, and happened before it arrived", () => {
    fc.assert(
      fc.property(nearlyEvent, fc.option(fc.double({ noNaN: true }), { nil: undefined }), (raw, sentMs) => {
        const verdict = admitEvent(raw, { receivedMs, sentMs });
        if (!verdict.ok) return;
        const { event, timeMs } = verdict.admitted;
        expect(v.is(eventSchema, event)).toBe(true);
        expect(repairJson(event)).toEqual(event);
        expect(timeMs).toBeGreaterThanOrEqual(0);
        expect(timeMs).toBeLessThanOrEqual(receivedMs);
      }),
    );
  });

  it("says of what is an event what its schema says", () => {
    fc.assert(
      fc.property(fc.oneof(nearlyEvent, fc.dictionary(anyKey, anyValue)), (raw) => {
        const isOne = v.is(v.strictObject(eventSchema.entries), raw);
        expect(typeof raw === "object" && raw !== null && isEvent(raw)).toBe(isOne);
      }),
    );
  });

  it("changes nothing of what it has admitted before", () => {
    fc.assert(
      fc.property(nearlyEvent, (raw) => {
        const verdict = admitEvent(raw, context);
        if (!verdict.ok) return;
        const again = admitEvent(JSON.parse(JSON.stringify(verdict.admitted.event)), context);
        expect(again).toEqual({ ok: true, admitted: JSON.parse(JSON.stringify(verdict.admitted)) });
      }),
    );
  });

  it("refuses each bad event alone, and names it by place, id and number", () => {
    const good = eventOf({ eventId: "good" });
    const bad = eventOf({ eventId: "bad", eventTime: "yesterday", sessionId: "s", sequence: 3 });
    const { admitted: taken, rejected, places } = admit([good, 7, bad, good], context);
    expect(taken.map(({ event }) => event.eventId)).toEqual(["good", "good"]);
    expect(places).toEqual([0, 3]);
    expect(rejected).toMatchObject([
      { index: 1, code: "invalid_event" },
      { index: 2, eventId: "bad", sessionId: "s", sequence: 3, code: "invalid_event" },
    ]);
  });
});

describe("an event is refused", () => {
  it.for<[string, object]>([
    ["eventId", { eventId: "" }],
    ["eventId", { eventId: "x".repeat(65) }],
    ["eventId", { eventId: 7 }],
    ["eventId", { eventId: null }],
    ["eventId", { eventId: "a\u0000" }],
    ["sessionId", { sessionId: "a\uD800" }],
    ["userId", { userId: "a\u0000" }],
    ["userId", { userId: "x".repeat(257) }],
    ["eventType", { eventType: "Cell" }],
    ["eventType", { eventType: "1st" }],
    ["eventType", { eventType: "a b" }],
    ["eventType", { eventType: `a${"b".repeat(64)}` }],
    ["eventTime", { eventTime: "2026-11-22T10:00:00" }],
    ["eventTime", { eventTime: "2026-02-30T10:00:00Z" }],
    ["eventTime", { eventTime: "2026-11-22" }],
    ["eventTime", { eventTime: "Sun, 22 Nov 2026 10:00:00 GMT" }],
    ["eventTime", { eventTime: 1_795_000_000_000 }],
    ["startedAt", { startedAt: "2025-02-29T10:00:00Z" }],
    ["sequence", { sessionId: "s", sequence: 0 }],
    ["sequence", { sessionId: "s", sequence: -1 }],
    ["sequence", { sessionId: "s", sequence: 1.5 }],
    ["sequence", { sessionId: "s", sequence: 2 ** 53 }],
    ["sequence", { sessionId: "s", sequence: "1" }],
    ["sequence", { sequence: 1 }],
    ["cellIndex", { cellIndex: -1 }],
    ["executionDurationMs", { executionDurationMs: Number.POSITIVE_INFINITY }],
    ["executionDurationMs", { executionDurationMs: -0.1 }],
    ["status", { status: "fine" }],
    ["cellType", { cellType: "sql" }],
    ["sourceHash", { sourceHash: "ABCDEF0123456789" }],
    ["cellTags", { cellTags: "one" }],
    ["cellTags", { cellTags: Array.from({ length: 65 }, () => "t") }],
    ["choice", { choice: "maybe" }],
    ["hasError", { hasError: "false" }],
    ["code", { code: ["x"] }],
  ])("for its %s: %j", ([field, fields]) => {
    expect(refusal(fields)).toMatch(new RegExp(`^invalid_event ${field}`));
  });

  it.for([null, 7, "text", [], [eventOf()]])("when it is no object but %j", (raw) => {
    expect(admitEvent(raw, context)).toMatchObject({ ok: false, code: "invalid_event" });
  });

  it("with more fields than anybody looks at", () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, 1]));
    expect(refusal(many(limits.eventFields))).toMatch(/^invalid_event/);
    expect(refusal(many(limits.eventFields - 10))).toBe("admitted");
  });

  it("one level below what may nest, and not at it", () => {
    const nested = (levels: number) => JSON.parse("[".repeat(levels) + "]".repeat(levels)) as unknown;
    expect(refusal({ metadata: nested(limits.jsonDepth - 1) })).toBe("admitted");
    expect(refusal({ metadata: nested(limits.jsonDepth) })).toMatch(/^too_deep/);
  });
});

describe("an event is admitted", () => {
  it.for<[string, object]>([
    ["an id of 64", { eventId: "x".repeat(64) }],
    ["a type of its own", { eventType: "quiz_answered_2" }],
    ["a type of 64", { eventType: "a".repeat(64) }],
    ["an offset", { eventTime: "2026-11-22T18:59:00.123456+0900" }],
    ["a leap day", { eventTime: "2024-02-29T00:00Z" }],
    ["nulls for what isn't known", { sessionId: null, sequence: null, code: null, metadata: null }],
    ["an empty text", { code: "", notebookPath: "" }],
  ])("with %s", ([, fields]) => {
    expect(refusal(fields)).toBe("admitted");
  });

  it("with what the protocol doesn't name in its metadata, whatever the key", () => {
    const raw: unknown = JSON.parse(
      JSON.stringify(eventOf({ metadata: { lab: "4.6" }, extra: [1] })).replace(
        "{",
        '{"__proto__":{"a":1},"constructor":2,',
      ),
    );
    const verdict = admitEvent(raw, context);
    const event = verdict.ok ? verdict.admitted.event : undefined;
    expect(JSON.stringify(event?.metadata)).toBe(
      '{"__proto__":{"a":1},"constructor":2,"lab":"4.6","extra":[1]}',
    );
    expect(Object.getPrototypeOf(event)).toBe(Object.prototype);
  });

  it("under the other names of userId and testId", () => {
    expect(admitted({ emailAddress: "ada@x.org", test_id: "t" }).event).toMatchObject({
      userId: "ada@x.org",
      testId: "t",
    });
    expect(admitted({ emailAddress: "ada@x.org", userId: "ada" }).event.userId).toBe("ada");
    expect(admitted({ emailAddress: "ada@x.org", userId: null }).event.userId).toBe("ada@x.org");
    expect(admitted({ test_id: "other", testId: "t" }).event.testId).toBe("t");
  });
});

describe("a text of an event", () => {
  it.for([
    ["code", limits.textBytes],
    ["result", limits.textBytes],
    ["note", limits.textBytes],
    ["errorTraceback", limits.tracebackBytes],
    ["errorName", limits.nameLength],
    ["notebookPath", limits.pathLength],
  ] as const)("%s is cut above %i bytes, with a mark, and the event says so", ([field, bytes]) => {
    const whole = admitted({ [field]: "字".repeat(Math.floor(bytes / 3)) }).event;
    expect(whole[field]?.endsWith("字")).toBe(true);
    expect(whole.truncated).toBeUndefined();
    const { truncated, ...event } = admitted({ [field]: "字".repeat(bytes) }).event;
    expect(truncated).toBe(true);
    expect(event[field]?.endsWith(cutMark)).toBe(true);
    expect(byteLength(event[field] ?? "")).toBeLessThanOrEqual(bytes);
  });

  it.for(["code", "errorMessage", "userName"] as const)(
    "%s is repaired with a mark, and the event says so",
    (field) => {
      const { event } = admitted({ [field]: "a\u0000b\uDFFF" });
      expect(event).toMatchObject({ [field]: "a\uFFFDb\uFFFD", truncated: true });
    },
  );

  it("is repaired in lists and metadata too", () => {
    const { event } = admitted({
      cellTags: ["a\u0000"],
      outputTypes: ["\uD800"],
      metadata: { "k\u0000": ["\uD800"] },
    });
    expect(event).toMatchObject({
      cellTags: ["a\uFFFD"],
      outputTypes: ["\uFFFD"],
      metadata: { "k\uFFFD": ["\uFFFD"] },
    });
  });

  it("loses its colours and nothing else when it tells of an error", () => {
    const { event } = admitted({ errorMessage: "\u001B[31mred\u001B[0m", code: "\u001B[31m" });
    expect(event).toMatchObject({ errorMessage: "red", code: "\u001B[31m" });
    expect(event.truncated).toBeUndefined();
  });

  it("in metadata is left out with all the metadata when that has too many fields", () => {
    const metadata = Object.fromEntries(
      Array.from({ length: 170_000 }, (_, index) => [index.toString(36), 1]),
    );
    const { event } = admitted({ metadata });
    expect(event.metadata).toBeUndefined();
    expect(event.truncated).toBe(true);
  });

  it("in metadata is left out with all the metadata when that is too large", () => {
    const { event } = admitted({ metadata: { big: "x".repeat(limits.metadataBytes) }, note: "kept" });
    expect(event).toMatchObject({ note: "kept", truncated: true });
    expect(event.metadata).toBeUndefined();
  });
});

describe("the time of an event", () => {
  const sent = (text: string) => ({ receivedMs, sentMs: Date.parse(text) });

  it("is corrected by a clock that is years off", () => {
    const fast = admitted({ eventTime: "2031-05-01T12:00:00Z" }, sent("2031-05-01T12:00:30Z"));
    const slow = admitted({ eventTime: "1970-01-01T00:00:10Z" }, sent("1970-01-01T00:00:40Z"));
    expect([fast.timeMs, slow.timeMs]).toEqual([receivedMs - 30_000, receivedMs - 30_000]);
    expect(fast.event.eventTime).toBe("2031-05-01T12:00:00Z");
  });

  it("is the arrival where it would lie in the future", () => {
    expect(admitted({ eventTime: "2031-05-01T12:00:00Z" }).timeMs).toBe(receivedMs);
    expect(admitted({ eventTime: "2026-11-22T10:00:00Z" }, sent("2026-11-22T09:00:00Z")).timeMs).toBe(
      receivedMs,
    );
  });

  it("is as given, in the past, when the client's clock isn't known", () => {
    expect(admitted({ eventTime: "2026-11-22T08:00:00+09:00" }).timeMs).toBe(
      Date.parse("2026-11-21T23:00:00Z"),
    );
  });

  it("is 1970 at the earliest", () => {
    expect(admitted({ eventTime: "0001-01-01T00:00:00Z" }).timeMs).toBe(0);
    expect(admitted({}, { receivedMs, sentMs: 8.64e15 }).timeMs).toBe(0);
  });
});

describe("the type of an event", () => {
  it.for<[object, string]>([
    [{ eventType: "student_session_start" }, "session_start"],
    [{ eventType: "notebook_opened" }, "notebook_open"],
    [{ eventType: "notebook_saved" }, "notebook_save"],
    [{ eventType: "notebook_closed" }, "notebook_close"],
    [{ eventType: "error_occurred" }, "cell_execution_error"],
    [{ eventType: "cell_execution" }, "cell_execution_complete"],
    [{ eventType: "cell_executed", hasError: true }, "cell_execution_error"],
    [{ eventType: "cell_executed", status: "error" }, "cell_execution_error"],
    [{ eventType: "cell_executed", hasError: true, status: "interrupted" }, "cell_execution_complete"],
    [{ eventType: "cell_execution_complete", status: "error" }, "cell_execution_error"],
    [{ eventType: "cell_execution_error", status: "aborted" }, "cell_execution_complete"],
    [{ eventType: "cell_execution_error" }, "cell_execution_error"],
    [{ eventType: "anything_else" }, "anything_else"],
  ])("of %j is %s", ([fields, eventType]) => {
    expect(admitted(fields).event.eventType).toBe(eventType);
  });

  it.for<[object, string, boolean]>([
    [{ eventType: "cell_execution_complete" }, "ok", false],
    [{ eventType: "cell_execution_complete", status: "killed", hasError: true }, "killed", false],
    [{ eventType: "cell_execution_error" }, "error", true],
  ])("agrees with status and hasError: %j", ([fields, status, hasError]) => {
    expect(admitted(fields).event).toMatchObject({ status, hasError });
  });

  it("makes of an end without an execution an execution of its own, and leaves everything else without one", () => {
    expect(admitted({ eventType: "cell_execution_complete" }).event.executionId).toBe("e1");
    expect(admitted({ eventType: "cell_execution_complete", executionId: "m" }).event.executionId).toBe("m");
    expect(admitted({ eventType: "cell_execution_start" }).event).not.toHaveProperty("executionId");
    expect(isJsonObject(admitted({ eventType: "help" }).event)).toBe(true);
  });

  it("of an error brings a fingerprint, unless the client gave one", () => {
    const error = {
      eventType: "cell_execution_error",
      errorName: "NameError",
      errorMessage: "name 'x' is not defined",
    };
    expect(admitted(error).event.errorFingerprint).toMatch(/^NameError:[0-9a-f]{16}$/);
    expect(admitted({ ...error, errorFingerprint: "own" }).event.errorFingerprint).toBe("own");
  });
});
