import { expect, test } from "vitest";
import { Allowances, nameOfFrame } from "../../../src/classroom/live/allowance.ts";

test("a connection that sends too much is told when to come back, and others aren't hurt", () => {
  const allowances = new Allowances<object>({ burst: 2, perSecond: 10 });
  const [loud, quiet] = [{}, {}];
  expect([1, 2].map(() => allowances.take(loud, 0).ok)).toEqual([true, true]);
  expect(allowances.take(loud, 0)).toMatchObject({ refusal: { code: "rate_limited", retryAfterMs: 100 } });
  expect(allowances.take(quiet, 0).ok).toBe(true);
  expect(allowances.take(loud, 99).ok).toBe(false);
  expect(allowances.take(loud, 100).ok).toBe(true);
});

test("what was not used is not saved up", () => {
  const allowances = new Allowances<object>({ burst: 1, perSecond: 10 });
  const socket = {};
  allowances.take(socket, 0);
  expect([1, 2].map(() => allowances.take(socket, 60_000).ok)).toEqual([true, false]);
});

test.each([
  ['{"type":"events","id":"7","v":1,"events":[{"id":"x"}]}', "7"],
  ['{"type":"events","events":[{"id":"x"}]}', undefined],
  ["no frame", undefined],
])("%s is called %s", (message, name) => {
  expect(nameOfFrame(message)).toBe(name);
});
