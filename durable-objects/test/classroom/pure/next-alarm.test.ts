import { expect, test } from "vitest";
import { backoffMs } from "../../../src/classroom/drain/backoff.ts";
import { nextAlarm } from "../../../src/classroom/drain/next-alarm.ts";

const nothing = { sinks: [], helpExpiry: undefined, retention: undefined };

test("nothing to wake for means no alarm", () => {
  expect(nextAlarm(nothing)).toBeUndefined();
});

test("the earliest deadline decides, whatever it is of", () => {
  expect(nextAlarm({ sinks: [30, 20], helpExpiry: 25, retention: 40 })).toBe(20);
  expect(nextAlarm({ sinks: [30], helpExpiry: 25, retention: 40 })).toBe(25);
  expect(nextAlarm({ ...nothing, retention: 40 })).toBe(40);
});

test("the backoff is anywhere below a bound that doubles up to a minute", () => {
  const longest = 1 - Number.EPSILON;
  expect([1, 2, 3, 7, 1_000].map((failures) => backoffMs(failures, longest))).toEqual([
    1_000, 2_000, 4_000, 60_000, 60_000,
  ]);
  expect(backoffMs(5, 0)).toBe(0);
});
