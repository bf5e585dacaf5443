import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { cost } from "./benchmarks/cost.ts";
import { drain } from "./benchmarks/drain.ts";
import { growth } from "./benchmarks/growth.ts";
import { ingest } from "./benchmarks/ingest.ts";
import { live } from "./benchmarks/live.ts";
import { wake } from "./benchmarks/wake.ts";
import { wire } from "./benchmarks/wire.ts";
import { table } from "./figures.ts";
import { record } from "./report/record.ts";
import { promised } from "./report/promises.ts";
import type { Result } from "./report/result.ts";
import type { Benchmark } from "./settings.ts";

const benchmarks = new Map<string, Benchmark>([
  ["wire", wire],
  ["ingest", ingest],
  ["live", live],
  ["wake", wake],
  ["growth", growth],
  ["cost", cost],
  ["drain", ({ runs }) => drain(runs)],
]);
const defaultRuns = 5;
/** Of all together; what takes three times as long hangs. */
const mostMs = 45 * 60_000;
const help = `Usage: npm run bench -- [options] [${[...benchmarks.keys()].join("] [")}]

Measures the system on this machine over loopback, and writes the figures to
bench/results. Without a name: all, one after the other, in a quarter of an hour.

Options:
  --runs N       measure so often, and show medians (${defaultRuns}); 0 measures nothing
  --quick        a little of everything, to see that it works; the figures say nothing
  --record       afterwards write what bench/results holds into docs/benchmarks.md and its plot
  --results DIR  where the figures are kept, instead of bench/results
  --help         this text

Environment:
  TEST_DATABASE_URL   a PostgreSQL server to drain to; without it, the embedded one
`;

const { values, positionals } = parseArgs({
  options: {
    runs: { type: "string", default: String(defaultRuns) },
    quick: { type: "boolean", default: false },
    record: { type: "boolean", default: false },
    results: { type: "string", default: fileURLToPath(new URL("../results", import.meta.url)) },
    help: { type: "boolean", default: false },
  },
  allowPositionals: true,
});
const runs = Number(values.runs);
const results = resolve(values.results);
if (values.help) {
  console.log(help);
} else if (positionals.some((name) => !benchmarks.has(name)) || !Number.isInteger(runs) || runs < 0) {
  console.error(help);
  process.exitCode = 2;
} else {
  mkdirSync(results, { recursive: true });
  setTimeout(() => {
    console.error("Given up: it takes far too long.");
    process.exit(1);
  }, mostMs).unref();
  for (const [name, measure] of runs > 0 ? benchmarks : []) {
    if (positionals.length > 0 && !positionals.includes(name)) continue;
    try {
      await run(name, measure);
    } catch (error) {
      // What the others say is worth having all the same.
      console.error(`${name} failed:`, error);
      process.exitCode = 1;
    }
  }
  if (values.record) record(results);
}

async function run(name: string, measure: Benchmark): Promise<void> {
  // Above zero something else was running, and the figures are lower than they could be.
  const [loadBefore = 0] = loadavg();
  const startMs = performance.now();
  const progress = (what: string): void => {
    const seconds = ((performance.now() - startMs) / 1000).toFixed(0).padStart(4);
    console.error(`${seconds} s  ${name}: ${what}`);
  };
  const figures = await measure({ runs, quick: values.quick, progress });
  const result: Result = {
    name,
    at: new Date().toISOString(),
    node: process.version,
    machine: { cpu: cpus()[0]?.model ?? "unknown", processors: availableParallelism(), loadBefore },
    database: process.env["TEST_DATABASE_URL"] === undefined ? "PGlite" : "PostgreSQL",
    quick: values.quick,
    runs,
    tookSeconds: (performance.now() - startMs) / 1000,
    figures,
  };
  writeFileSync(join(results, `${name}.json`), `${JSON.stringify(result, undefined, 2)}\n`);
  const load = loadBefore.toFixed(2);
  console.log(
    `\n${name}: medians of ${runs} runs (least – greatest); ${result.database}, load ${load} before\n` +
      table(figures, (figure) => promised(name, figure)),
  );
}
