import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import { describe, vi } from "vitest";

export interface Engine {
  readonly url: string;
  stop(): Promise<void>;
}

/** A suite that needs a program, and says so where it isn't installed; with CI=true that is a failure. */
export function describeWithProgram(program: string, suite: (path: string) => void): void {
  const path = findProgram(program);
  if (path === undefined && process.env["CI"] === "true")
    throw new Error(`${program} must be installed when CI=true`);
  const reason = path === undefined ? " (skipped: it is not installed)" : "";
  describe.skipIf(path === undefined)(`with ${program}${reason}`, () => {
    suite(path ?? program);
  });
}

/** Starts Debian's InfluxDB 1.x on free ports, with its data in a folder of its own. */
export async function startInfluxd(path: string): Promise<Engine> {
  const folder = await mkdtemp(join(tmpdir(), "influxd-"));
  const [port, rpcPort] = [await freePort(), await freePort()];
  const config = join(folder, "influxd.conf");
  await writeFile(
    config,
    `reporting-disabled = true
bind-address = "127.0.0.1:${rpcPort}"
[meta]
dir = "${folder}/meta"
[data]
dir = "${folder}/data"
wal-dir = "${folder}/wal"
[http]
bind-address = "127.0.0.1:${port}"
`,
  );
  return start(path, ["-config", config], folder, `http://127.0.0.1:${port}`);
}

/** Starts VictoriaMetrics on a free port, with its data in a folder of its own. */
export async function startVictoriaMetrics(path: string): Promise<Engine> {
  const folder = await mkdtemp(join(tmpdir(), "victoria-metrics-"));
  const address = `127.0.0.1:${await freePort()}`;
  const args = [`-storageDataPath=${folder}/data`, `-httpListenAddr=${address}`, "-search.latencyOffset=0s"];
  return start(path, args, folder, `http://${address}`);
}

async function start(path: string, args: readonly string[], folder: string, url: string): Promise<Engine> {
  const child = spawn(path, args, { stdio: "ignore" });
  const exited = once(child, "exit");
  const stop = async (): Promise<void> => {
    child.kill("SIGKILL");
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await vi.waitFor(() => fetch(`${url}/ping`), { timeout: 30_000 });
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
}

function findProgram(program: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.map((folder) => join(folder, program)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A port that was free a moment ago: these programs can't be asked which one they took. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port is free");
  return address.port;
}
