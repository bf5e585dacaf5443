import { describe, expect, it } from "vitest";
import { defaultThresholds, isHelpAway, limits, type StudentData, studentStatus } from "../src/index.ts";

const nowMs = Date.parse("2026-11-22T10:00:00Z");
const { idleAfterMs, stuckAfterErrors } = defaultThresholds;

function studentOf(changes: Partial<StudentData> = {}): StudentData {
  return {
    name: "Ada",
    present: true,
    seenMs: nowMs,
    activeMs: nowMs,
    runs: 1,
    errors: 0,
    streak: 0,
    cellsDone: 1,
    ...changes,
  };
}

const help = { helpId: "h", sinceMs: nowMs };
const running = { executionId: "x", startedMs: nowMs };

describe("a student's status", () => {
  it.for<[string, Partial<StudentData>]>([
    ["active", {}],
    ["active", { activeMs: nowMs - idleAfterMs + 1 }],
    ["idle", { activeMs: nowMs - idleAfterMs }],
    ["active", { running, activeMs: nowMs - 2 * idleAfterMs }],
    ["error", { streak: 1 }],
    ["error", { streak: stuckAfterErrors - 1 }],
    ["idle", { streak: 1, activeMs: nowMs - idleAfterMs }],
    ["stuck", { streak: stuckAfterErrors }],
    ["stuck", { streak: stuckAfterErrors, running }],
    ["stuck", { streak: stuckAfterErrors, activeMs: nowMs - idleAfterMs }],
    ["stuck", { checkin: { choice: "stuck", atMs: nowMs } }],
    [
      "active",
      { checkin: { choice: "stuck", atMs: nowMs - 2 }, lastRun: { status: "ok", endedMs: nowMs - 1 } },
    ],
    ["active", { checkin: { choice: "done", atMs: nowMs } }],
    ["away", { present: false }],
    ["away", { present: false, streak: stuckAfterErrors }],
    ["not_connected", { present: false, activeMs: 0 }],
    ["help", { help }],
    ["help", { help, present: false }],
    ["help", { help, streak: stuckAfterErrors }],
  ])("is %s for %j", ([status, changes]) => {
    expect(studentStatus(studentOf(changes), defaultThresholds, nowMs)).toBe(status);
  });

  it.for<[string, Partial<StudentData>]>([
    ["not_sharing", {}],
    ["not_sharing", { streak: stuckAfterErrors, running }],
    ["not_sharing", { checkin: { choice: "stuck", atMs: nowMs } }],
    ["not_sharing", { present: false }],
    ["not_sharing", { present: false, activeMs: 0 }],
    ["help", { help }],
    ["help", { help, present: false }],
  ])("of one who does not share is %s for %j", ([status, changes]) => {
    expect(studentStatus(studentOf(changes), defaultThresholds, nowMs, false)).toBe(status);
  });

  it("goes by the class's own thresholds", () => {
    expect(
      studentStatus(studentOf({ streak: 1 }), { ...defaultThresholds, stuckAfterErrors: 1 }, nowMs),
    ).toBe("stuck");
    expect(
      studentStatus(studentOf({ activeMs: nowMs - 10 }), { ...defaultThresholds, idleAfterMs: 10 }, nowMs),
    ).toBe("idle");
  });
});

it("a raised hand counts as away when nothing has been heard for a minute", () => {
  expect(isHelpAway(studentOf({ seenMs: nowMs - limits.awayAfterMs + 1 }), nowMs)).toBe(false);
  expect(isHelpAway(studentOf({ seenMs: nowMs - limits.awayAfterMs }), nowMs)).toBe(true);
});
