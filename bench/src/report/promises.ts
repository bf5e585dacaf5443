import { type Figure, median } from "../figures.ts";

/** What the design promises of a figure. */
interface Promised {
  readonly benchmark: string;
  readonly figure: string;
  readonly atLeast?: number;
  readonly atMost?: number;
}

export const promises: readonly Promised[] = [
  ...["draining", "not draining"].flatMap((label) => [
    {
      benchmark: "ingest",
      figure: `single events, 10 dashboards, ${label}: greatest rate with p99 ≤100 ms`,
      atLeast: 7_000,
    },
    { benchmark: "ingest", figure: `7,000 single events/s, 10 dashboards, ${label}: ack p99`, atMost: 100 },
    { benchmark: "ingest", figure: `batches of 100, ${label}: taken`, atLeast: 40_000 },
  ]),
  { benchmark: "ingest", figure: "batches of 25: processor time, times bare echo", atMost: 4 },
  { benchmark: "live", figure: "raised hands and error streaks: p99", atMost: 50 },
  { benchmark: "live", figure: "the rest, first 4 s: p99", atMost: 60 },
  { benchmark: "live", figure: "the rest, after 6 s: p99", atMost: 150 },
  { benchmark: "wire", figure: "batches of 1, gzipped HTTP", atMost: 600 },
  { benchmark: "wire", figure: "batches of 10, gzipped HTTP", atMost: 150 },
  { benchmark: "wire", figure: "batches of 100, gzipped HTTP", atMost: 90 },
  { benchmark: "drain", figure: "drain, share of raw", atLeast: 70 },
  ...["1,000", "10,000", "100,000", "1,000,000"].map((events) => ({
    benchmark: "wake",
    figure: `log of ${events} events: first call, beyond a warm one`,
    atMost: 5,
  })),
  { benchmark: "cost", figure: "Cloudflare, 1,000 student-hours", atMost: 0.2 },
  { benchmark: "cost", figure: "an idle class: rows written and calls taken", atMost: 0 },
  { benchmark: "cost", figure: "an idle class: active time", atMost: 0 },
];

/** What was promised of a figure, and whether its median keeps it; undefined where nothing was. */
interface Verdict {
  readonly bound: number;
  /** More is better. */
  readonly isFloor: boolean;
  readonly text: string;
  readonly isKept: boolean;
  readonly verdict: string;
}

export function promised(benchmark: string, { name, unit, runs }: Figure): Verdict | undefined {
  const found = promises.find((promise) => promise.benchmark === benchmark && promise.figure === name);
  if (found === undefined || runs.length === 0) return undefined;
  const { atLeast, atMost = Number.POSITIVE_INFINITY } = found;
  const value = median(runs);
  const isFloor = atLeast !== undefined;
  const bound = atLeast ?? atMost;
  const isKept = isFloor ? value >= bound : value <= bound;
  const text = `${isFloor ? "≥" : "≤"}${bound.toLocaleString("en")}${unit === "" ? "" : ` ${unit}`}`;
  const factor = isFloor ? bound / value : value / bound;
  const by = Number.isFinite(factor) ? `, by a factor of ${factor.toFixed(factor < 1.1 ? 2 : 1)}` : "";
  return { bound, isFloor, text, isKept, verdict: isKept ? "kept" : `missed${by}` };
}
