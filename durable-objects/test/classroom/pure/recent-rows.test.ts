import { expect, test } from "vitest";
import { RecentRows } from "../../../src/classroom/storage/recent-rows.ts";
import { loggedOf } from "../batches.ts";

function rowOf(first: number, count: number, size = 100) {
  const events = loggedOf(
    Array.from({ length: count }, () => ({})),
    first,
  );
  return { first, events, size };
}

function firstsAfter(rows: RecentRows, version: number): (number | undefined)[] | undefined {
  return rows.after(version)?.map(({ events }) => events[0]?.version);
}

test("rows are given from the one that holds the next version on", () => {
  const rows = new RecentRows();
  rows.add(rowOf(1, 3));
  rows.add(rowOf(4, 1));
  rows.add(rowOf(5, 2));
  expect(firstsAfter(rows, 0)).toEqual([1, 4, 5]);
  expect(firstsAfter(rows, 1)).toEqual([1, 4, 5]);
  expect(firstsAfter(rows, 3)).toEqual([4, 5]);
  expect(firstsAfter(rows, 5)).toEqual([5]);
});

test("nothing is given where something older is asked for, since it would seem to be all", () => {
  const rows = new RecentRows();
  expect(rows.after(0)).toBeUndefined();
  rows.add(rowOf(4, 1));
  expect(rows.after(2)).toBeUndefined();
  expect(firstsAfter(rows, 3)).toEqual([4]);
});

test("the oldest rows go when there is no room for all", () => {
  const rows = new RecentRows();
  for (let first = 1; first <= 10; first += 1) rows.add(rowOf(first, 1, 512 * 1024));
  expect(rows.after(5)).toBeUndefined();
  expect(firstsAfter(rows, 6)).toEqual([7, 8, 9, 10]);
});
