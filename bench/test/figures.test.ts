import { expect, test } from "vitest";

import { Figures, median, percentile, table } from "../src/figures.ts";

test("a median is the middle value, whatever the order of the runs", () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([4, 1, 3, 2])).toBe(2.5);
});

test("a percentile is a value that was measured, and the share of the values doesn't exceed it", () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(percentile(values, 0.5)).toBe(50);
  expect(percentile(values, 0.99)).toBe(99);
  expect(percentile(values, 1)).toBe(100);
  expect(percentile([7], 0.99)).toBe(7);
});

test("of nothing there is neither a median nor a percentile", () => {
  expect(() => median([])).toThrow(RangeError);
  expect(() => percentile([], 0.5)).toThrow(RangeError);
});

test("the runs of a figure are gathered under its name", () => {
  const figures = new Figures();
  figures.add("speed", 1, "events/s");
  figures.add("share", 0.5, "");
  figures.add("speed", 3, "events/s");
  expect(figures.list()).toEqual([
    { name: "speed", unit: "events/s", runs: [1, 3] },
    { name: "share", unit: "", runs: [0.5] },
  ]);
});

test("the table shows medians between the least and the greatest run", () => {
  const text = table([
    { name: "speed", unit: "events/s", runs: [1000, 1200.4, 1100] },
    { name: "share", unit: "", runs: [0.71234] },
  ]);
  expect(text).toBe(
    ["speed   1100 events/s  1000 – 1200", "share  0.712           0.712 – 0.712"].join("\n"),
  );
});
