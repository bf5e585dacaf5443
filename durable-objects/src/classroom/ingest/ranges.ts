import * as v from "valibot";

/** Numbers as inclusive ranges, ascending and apart. */
export const rangesSchema = v.array(v.tuple([v.number(), v.number()]));
export type Ranges = v.InferOutput<typeof rangesSchema>;

export function holds(ranges: Ranges, number: number): boolean {
  const range = ranges[placeOf(ranges, number)];
  return range !== undefined && range[0] <= number;
}

/** Takes one number out, in place. */
export function remove(ranges: Ranges, number: number): void {
  const place = placeOf(ranges, number);
  const range = ranges[place];
  if (!range || range[0] > number) return;
  const [from, to] = range;
  if (from === to) ranges.splice(place, 1);
  else if (from === number) range[0] = number + 1;
  else if (to === number) range[1] = number - 1;
  else ranges.splice(place, 1, [from, number - 1], [number + 1, to]);
}

/** Of the first range that does not end below a number. */
function placeOf(ranges: Ranges, number: number): number {
  let [low, high] = [0, ranges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[middle]?.[1] ?? number) < number) low = middle + 1;
    else high = middle;
  }
  return low;
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
