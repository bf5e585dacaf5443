import { describe, expect, it } from "vitest";
import { age, duration, stopwatch } from "../src/format/time.ts";

describe("times", () => {
  it.each([
    [-5, "0:00"],
    [7_900, "0:07"],
    [65_000, "1:05"],
    [725_000, "12:05"],
    [3_723_000, "1:02:03"],
  ])("%d ms on a stopwatch are %s", (elapsedMs, text) => {
    expect(stopwatch(elapsedMs)).toBe(text);
  });

  it.each([
    [0.4, "0 ms"],
    [8, "8 ms"],
    [1_234, "1.2 s"],
    [45_400, "45 s"],
    [123_000, "2:03"],
  ])("a run of %d ms took %s", (durationMs, text) => {
    expect(duration(durationMs)).toBe(text);
  });

  it.each([
    [-1_000, { unit: "now" }],
    [9_999, { unit: "now" }],
    [39_000, { unit: "seconds", count: 30 }],
    [61_000, { unit: "minutes", count: 1 }],
    [7_300_000, { unit: "hours", count: 2 }],
  ])("%d ms ago is as coarse as one needs it", (elapsedMs, expected) => {
    expect(age(elapsedMs)).toEqual(expected);
  });
});
