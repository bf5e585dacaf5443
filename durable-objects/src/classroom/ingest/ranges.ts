import * as v from "valibot";

/** Numbers as inclusive ranges, ascending and apart. */
export const rangesSchema = v.array(v.tuple([v.number(), v.number()]));
export type Ranges = v.InferOutput<typeof rangesSchema>;

export function holds(ranges: Ranges, number: number): boolean {
  return ranges.some(([from, to]) => from <= number && number <= to);
}

export function countOf(ranges: Ranges): number {
  return ranges.reduce((count, [from, to]) => count + to - from + 1, 0);
}

/** What of the ranges lies outside of `from` to `to`. */
export function outside(ranges: Ranges, from: number, to: number): Ranges {
  const rest: Ranges = [];
  for (const [first, last] of ranges) {
    if (first < from) rest.push([first, Math.min(last, from - 1)]);
    if (last > to) rest.push([Math.max(first, to + 1), last]);
  }
  return rest;
}

/** What of the ranges lies in `from` to `to`. */
export function inside(ranges: Ranges, from: number, to: number): Ranges {
  return ranges
    .filter(([first, last]) => first <= to && last >= from)
    .map(([first, last]) => [Math.max(first, from), Math.min(last, to)]);
}

/** All that is in either, which have no number in common. */
export function union(left: Ranges, right: Ranges): Ranges {
  const joined: Ranges = [];
  for (const [from, to] of [...left, ...right].sort(([a], [b]) => a - b)) {
    const last = joined.at(-1);
    if (last && last[1] === from - 1) last[1] = to;
    else joined.push([from, to]);
  }
  return joined;
}
