import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as v from "valibot";
import { expect, onTestFinished, test } from "vitest";

import { promises } from "../src/report/promises.ts";
import { resultSchema } from "../src/report/result.ts";

const cli = fileURLToPath(new URL("../src/cli.ts", import.meta.url));
const withinMs = 300_000;
/** Too long for a smoke test. */
const isLongLog = (figure: string): boolean =>
  /^log of \d+,\d+,?\d* events/.test(figure) && !/1,000 /.test(figure);

/** Runs benchmarks as a reader would, but for next to no time. Resolves with the names of their figures. */
async function measured(...names: string[]): Promise<Map<string, string[]>> {
  const folder = mkdtempSync(join(tmpdir(), "cell-monitor-bench-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const args = [cli, ...names, "--quick", "--runs", "1", "--results", folder];
  await promisify(execFile)(process.execPath, args, { timeout: withinMs });
  return new Map(
    readdirSync(folder).map((file) => {
      const result = v.parse(resultSchema, JSON.parse(readFileSync(join(folder, file), "utf8")));
      for (const { runs } of result.figures) expect(runs).toEqual([expect.any(Number)]);
      return [result.name, result.figures.map(({ name }) => name)];
    }),
  );
}

test.concurrent.each([[["wire", "ingest"]], [["live", "growth"]], [["wake", "cost", "drain"]]])(
  "benchmarks end by themselves and measure all that is promised: %s",
  { timeout: withinMs },
  async (names) => {
    const figures = await measured(...names);
    expect([...figures.keys()].toSorted()).toEqual(names.toSorted());
    const missing = promises.filter(
      ({ benchmark, figure }) =>
        names.includes(benchmark) && !isLongLog(figure) && figures.get(benchmark)?.includes(figure) !== true,
    );
    expect(missing).toEqual([]);
  },
);

test("every promise is one of a benchmark", () => {
  const names = new Set(["wire", "ingest", "live", "growth", "wake", "cost", "drain"]);
  expect(promises.filter(({ benchmark }) => !names.has(benchmark))).toEqual([]);
});
