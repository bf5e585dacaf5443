import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { limits, type StampedEvent } from "@cell-monitor/protocol";
import { describe, expect, test } from "vitest";
import { Captures } from "../../../src/test-capture/captures.ts";

const startMs = Date.parse("2026-11-22T10:00:00Z");
const page = { skip: 0, limit: 100 };

interface Bench {
  readonly captures: Captures;
  readonly clock: { nowMs: number };
}

/** Captures on the storage of an object of its own, and a clock that is set by hand. */
function withCaptures<T>(use: (bench: Bench) => T): Promise<T> {
  return runInDurableObject(env.CLASSROOM.getByName(crypto.randomUUID()), (_, { storage }) => {
    const clock = { nowMs: startMs };
    return use({ captures: new Captures({ storage, now: () => clock.nowMs }), clock });
  });
}

function eventOf(testId: string, eventId: string, fields: Partial<StampedEvent["event"]> = {}): StampedEvent {
  const event = { eventId, eventType: "activity", eventTime: "2026-11-22T10:00:00Z", testId, ...fields };
  return { event, timeMs: startMs, studentId: "ada", index: 0 };
}

const idsOf = (captures: Captures, testId: string) =>
  captures.read(testId)?.events.map(({ event }) => event.eventId);

describe("a test's events", () => {
  test("are there in their order until ten minutes after the last one, and then all gone", () =>
    withCaptures(({ captures, clock }) => {
      captures.add([eventOf("t", "b")]);
      clock.nowMs += limits.captureMs - 1;
      captures.add([eventOf("t", "a")]);
      clock.nowMs += limits.captureMs - 1;
      expect(idsOf(captures, "t")).toEqual(["b", "a"]);
      clock.nowMs += 1;
      expect(captures.read("t")).toBeUndefined();
      expect(captures.list(page)).toEqual({ tests: [], total: 0 });
    }));

  test("outlive another test's", () =>
    withCaptures(({ captures, clock }) => {
      captures.add([eventOf("old", "a")]);
      clock.nowMs += 1_000;
      captures.add([eventOf("new", "a")]);
      expect(captures.nextExpiryMs()).toBe(startMs + limits.captureMs);
      clock.nowMs = startMs + limits.captureMs;
      expect(captures.list(page).tests.map(({ test_id }) => test_id)).toEqual(["new"]);
      expect(captures.nextExpiryMs()).toBe(startMs + limits.captureMs + 1_000);
    }));

  test("are told from repeats by student and id", () =>
    withCaptures(({ captures }) => {
      const event = eventOf("t", "a");
      expect(captures.add([event, event, { ...event, studentId: "grace" }])).toEqual({
        ok: true,
        value: { accepted: 2, duplicates: 1 },
      });
      expect(captures.add([event])).toMatchObject({ value: { accepted: 0, duplicates: 1 } });
    }));

  test("are seen and removed by a student as far as they are that student's", () =>
    withCaptures(({ captures }) => {
      captures.add([eventOf("t", "a"), { ...eventOf("t", "b"), studentId: "grace" }]);
      expect(captures.read("t", "grace")?.events.map(({ event }) => event.eventId)).toEqual(["b"]);
      expect(captures.list(page, "nobody").total).toBe(0);
      expect(captures.remove("t", "grace")).toMatchObject({ count: 1 });
      expect(idsOf(captures, "t")).toEqual(["a"]);
    }));

  test("are forgotten in every test with the student they are of", () =>
    withCaptures(({ captures }) => {
      captures.add([eventOf("t", "a"), eventOf("u", "a"), { ...eventOf("t", "b"), studentId: "grace" }]);
      expect(captures.forget("ada")).toBe(2);
      expect(captures.list(page).tests.map(({ test_id }) => test_id)).toEqual(["t"]);
      expect(idsOf(captures, "t")).toEqual(["b"]);
      expect(captures.forget("ada")).toBe(0);
    }));
});

describe("what passes a bound is taken not at all, and what is there stays", () => {
  test("tests", () =>
    withCaptures(({ captures }) => {
      for (let n = 0; n < limits.captureTests; n += 1) captures.add([eventOf(`t${n}`, "a")]);
      const refused = captures.add([eventOf("t0", "b"), eventOf("one more", "a")]);
      expect(refused).toMatchObject({
        ok: false,
        refusal: { code: "backlog_full", retryAfterMs: limits.captureMs },
      });
      expect(idsOf(captures, "t0")).toEqual(["a"]);
      expect(captures.list({ skip: 98, limit: 5 })).toMatchObject({
        tests: [{ test_id: "t98" }, { test_id: "t99" }],
        total: limits.captureTests,
      });
    }));

  test("events", () =>
    withCaptures(({ captures }) => {
      captures.add(Array.from({ length: limits.captureEvents }, (_, n) => eventOf("t", String(n))));
      expect(captures.add([eventOf("t", "more")])).toMatchObject({ ok: false });
      captures.remove("t");
      expect(captures.add([eventOf("t", "more")])).toMatchObject({ ok: true });
    }));

  test("bytes", () =>
    withCaptures(({ captures }) => {
      const code = "x".repeat(limits.textBytes);
      const size = Math.floor(limits.captureBytes / limits.textBytes);
      const many = Array.from({ length: size }, (_, n) => eventOf("t", String(n), { code }));
      expect(captures.add(many)).toMatchObject({ ok: false });
      expect(captures.add(many.slice(2))).toMatchObject({ ok: true });
    }));
});
