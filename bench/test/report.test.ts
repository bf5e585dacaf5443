import { expect, test } from "vitest";

import { table } from "../src/figures.ts";
import { markdownOf } from "../src/report/markdown.ts";
import { plot } from "../src/report/plot.ts";
import { promised } from "../src/report/promises.ts";
import type { Result } from "../src/report/result.ts";

const bytes = (...runs: number[]) => ({ name: "batches of 1, gzipped HTTP", unit: "bytes/event", runs });
const rate = (...runs: number[]) => ({ name: "batches of 100, draining: taken", unit: "events/s", runs });

const result = (name: string, figures: Result["figures"]): Result => ({
  name,
  at: "2026-04-01T09:00:00.000Z",
  node: "v24.0.0",
  machine: { cpu: "A processor", processors: 2, loadBefore: 0.25 },
  database: "PGlite",
  quick: false,
  runs: 3,
  tookSeconds: 12.3,
  figures,
});

test("a promise is kept or missed by the median, at its bound and on its side of it", () => {
  expect(promised("wire", bytes(900, 600, 100))).toMatchObject({ isKept: true, text: "≤600 bytes/event" });
  expect(promised("wire", bytes(100, 900, 900))).toMatchObject({ verdict: "missed, by a factor of 1.5" });
  expect(promised("ingest", rate(40_000))).toMatchObject({ isKept: true, text: "≥40,000 events/s" });
  expect(promised("ingest", rate(20_000))).toMatchObject({ verdict: "missed, by a factor of 2.0" });
});

test("nothing was promised of a figure of another benchmark, or of one that was not measured", () => {
  expect(promised("drain", bytes(1))).toBeUndefined();
  expect(promised("wire", bytes())).toBeUndefined();
});

test("the tables say beside a figure what was promised of it, and whether that is kept", () => {
  expect(table([bytes(700)], (figure) => promised("wire", figure))).toContain(
    "promised ≤600 bytes/event: missed, by a factor of 1.2",
  );
  const text = markdownOf([result("wire", [bytes(400, 500, 600), { name: "other", unit: "ms", runs: [1] }])]);
  expect(text).toContain(
    "| **batches of 1, gzipped HTTP** | 500 bytes/event | 400 – 600 | ≤600 bytes/event | kept |",
  );
  expect(text).toContain("| other | 1 ms | 1 – 1 |  |  |");
  expect(text).toContain("2026-04-01 09:00 UTC, 3 runs in 12 s, 2 processors (A processor)");
});

test("the plot has a row for every promise and a chart for what grows, and is well-formed without any of them", () => {
  const growing = ["10", "1,000"].map((count, index) => ({
    name: `${count} students: processor time`,
    unit: "µs/event",
    runs: [10 + index],
  }));
  const drawn = plot([result("wire", [bytes(500)]), result("growth", growing)]);
  expect(drawn).toContain("wire: batches of 1, gzipped HTTP");
  expect(drawn).toContain(">1k</text>");
  for (const svg of [drawn, plot([])]) {
    expect(svg.startsWith("<svg ")).toBe(true);
    expect(svg.trimEnd().endsWith("</svg>")).toBe(true);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  }
});
