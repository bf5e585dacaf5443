import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { drain } from "./benchmarks/drain.ts";
import { ingest } from "./benchmarks/ingest.ts";
import { live } from "./benchmarks/live.ts";
import { table } from "./figures.ts";

const benchmarks = new Map([
  ["drain", drain],
  ["ingest", ingest],
  ["live", live],
]);
const defaultRuns = 5;
/** One run of all takes half a minute; what takes three times as long hangs. */
const mostMsPerRun = 90_000;
const help = `Usage: npm run bench -- [options] [${[...benchmarks.keys()].join("] [")}]

Measures the system on this machine over loopback, and writes the figures to
bench/results. Without a name: all, one after the other, in three minutes.

Options:
  --runs N   measure so often, and show medians (${defaultRuns})
  --help     this text

Environment:
  TEST_DATABASE_URL   a PostgreSQL server to drain to; without it, the embedded one
`;

const { values, positionals } = parseArgs({
  options: { runs: { type: "string", default: String(defaultRuns) }, help: { type: "boolean" } },
  allowPositionals: true,
});
const runs = Number(values.runs);
const unknown = positionals.find((name) => !benchmarks.has(name));
if (values.help === true) {
  console.log(help);
} else if (unknown !== undefined || !Number.isInteger(runs) || runs < 1) {
  console.error(help);
  process.exitCode = 2;
} else {
  const results = fileURLToPath(new URL("../results", import.meta.url));
  mkdirSync(results, { recursive: true });
  setTimeout(() => {
    console.error("Given up: it takes far too long.");
    process.exit(1);
  }, runs * mostMsPerRun).unref();
  for (const [name, measure] of benchmarks) {
    if (positionals.length > 0 && !positionals.includes(name)) continue;
    // Above zero something else was running, and the figures are lower than they could be.
    const [loadBefore] = loadavg();
    const figures = await measure(runs);
    const machine = { cpu: cpus()[0]?.model, processors: availableParallelism(), loadBefore };
    const database = process.env["TEST_DATABASE_URL"] === undefined ? "PGlite" : "PostgreSQL";
    const result = {
      name,
      at: new Date().toISOString(),
      node: process.version,
      machine,
      database,
      runs,
      figures,
    };
    writeFileSync(`${results}/${name}.json`, `${JSON.stringify(result, undefined, 2)}\n`);
    const load = loadBefore?.toFixed(2) ?? "?";
    console.log(
      `\n${name}: medians of ${runs} runs (least – greatest); ${database}, load ${load} before\n${table(figures)}`,
    );
  }
}
