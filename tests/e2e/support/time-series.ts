import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { vi } from "vitest";
import { requireBinary } from "./binaries.ts";
import { ended, endWithThisProcess, freePort, signal } from "./processes.ts";

/** A time-series engine of another house, running on this machine. */
export interface TimeSeriesServer extends AsyncDisposable {
  readonly url: string;
  /** To be given to the stack. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Starts InfluxDB 1.x, as Debian packages it. */
export async function startInfluxd(folder: string): Promise<TimeSeriesServer> {
  const [httpPort, rpcPort] = [await freePort(), await freePort()];
  const config = join(folder, "influxdb.conf");
  writeFileSync(
    config,
    `reporting-disabled = true
bind-address = "127.0.0.1:${rpcPort}"
[meta]
dir = "${join(folder, "meta")}"
[data]
dir = "${join(folder, "data")}"
wal-dir = "${join(folder, "wal")}"
[http]
bind-address = "127.0.0.1:${httpPort}"
log-enabled = false
`,
  );
  return startServer("influxd", ["-config", config], `http://127.0.0.1:${httpPort}`, "/ping");
}

/** Starts VictoriaMetrics, which takes InfluxDB 2.x's writes. */
export async function startVictoriaMetrics(folder: string): Promise<TimeSeriesServer> {
  const address = `127.0.0.1:${await freePort()}`;
  const args = [`-storageDataPath=${join(folder, "data")}`, `-httpListenAddr=${address}`];
  return startServer("victoria-metrics", args, `http://${address}`, "/health");
}

async function startServer(
  binary: string,
  args: readonly string[],
  url: string,
  healthPath: string,
): Promise<TimeSeriesServer> {
  const child = spawn(requireBinary(binary), args, { stdio: ["ignore", "ignore", "pipe"], detached: true });
  const pid = endWithThisProcess(child);
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (log += text));
  const end = async (): Promise<void> => {
    signal(pid, "SIGTERM");
    await ended(child);
  };
  try {
    await vi.waitFor(
      async () => {
        if (!(await fetch(url + healthPath)).ok) throw new Error(`${binary} does not answer:\n${log}`);
      },
      { timeout: 20_000, interval: 50 },
    );
  } catch (error) {
    await end();
    throw error;
  }
  return { url, environment: { INFLUX_URL: url }, [Symbol.asyncDispose]: end };
}

const influxAnswerSchema = v.object({
  results: v.array(
    v.object({
      series: v.optional(
        v.array(v.object({ columns: v.array(v.string()), values: v.array(v.array(v.unknown())) })),
        [],
      ),
    }),
  ),
});

/** Asks InfluxDB in its own language. Rows by the names of their columns; times in nanoseconds lose digits. */
export async function influxQuery(
  server: TimeSeriesServer,
  database: string,
  query: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const search = new URLSearchParams({ db: database, q: query, epoch: "ms" });
  const response = await fetch(`${server.url}/query?${search.toString()}`);
  const { results } = v.parse(influxAnswerSchema, await response.json());
  return results.flatMap(({ series }) =>
    series.flatMap(({ columns, values }) =>
      values.map((row) => Object.fromEntries(columns.map((name, index) => [name, row[index]]))),
    ),
  );
}

const exportedLineSchema = v.object({
  metric: v.record(v.string(), v.string()),
  values: v.array(v.number()),
  timestamps: v.array(v.number()),
});
export type ExportedSeries = v.InferOutput<typeof exportedLineSchema>;

/** All series of VictoriaMetrics that a selector matches. */
export async function exportSeries(
  server: TimeSeriesServer,
  selector: string,
): Promise<readonly ExportedSeries[]> {
  // What was just taken is in memory, and found by no search before it is flushed.
  await fetch(`${server.url}/internal/force_flush`);
  const search = new URLSearchParams({ "match[]": selector });
  const response = await fetch(`${server.url}/api/v1/export?${search.toString()}`);
  const lines = (await response.text()).split("\n").filter((line) => line !== "");
  return lines.map((line) => v.parse(exportedLineSchema, JSON.parse(line)));
}
