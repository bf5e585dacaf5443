import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import * as v from "valibot";
import { ended, signal } from "../../e2e/support/processes.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const host = "127.0.0.1";

/** Puts the built worker, with the entry that can be stopped at a step, where `startWorkerd` finds it. */
export function prepareWorker(
  folder: string,
  port: number,
  variables: Readonly<Record<string, string>>,
): void {
  mkdirSync(join(folder, "objects"), { recursive: true });
  copyFileSync(join(root, ".build", "worker", "index.js"), join(folder, "worker.js"));
  buildSync({
    entryPoints: [join(root, "tests", "faults", "worker", "entry.ts")],
    outfile: join(folder, "entry.js"),
    bundle: true,
    format: "esm",
    target: "es2024",
    external: ["built-worker", "cloudflare:*"],
  });
  writeFileSync(join(folder, "config.capnp"), configOf(folder, port, variables));
}

function configOf(folder: string, port: number, variables: Readonly<Record<string, string>>): string {
  const wrangler = readFileSync(join(root, "wrangler.toml"), "utf8");
  const date = /^compatibility_date = "([\d-]+)"$/m.exec(wrangler)?.[1] ?? "";
  const texts = Object.entries(variables).map(
    ([name, text]) => `(name = ${JSON.stringify(name)}, text = ${JSON.stringify(text)}),`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "internet", network = (allow = ["local"])),
    (name = "objects", disk = (path = ${JSON.stringify(join(folder, "objects"))}, writable = true)),
  ],
  sockets = [(name = "http", address = "${host}:${port}", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [
    (name = "entry.js", esModule = embed "entry.js"),
    (name = "built-worker", esModule = embed "worker.js"),
  ],
  compatibilityDate = "${date}",
  bindings = [(name = "CLASSROOM", durableObjectNamespace = "Classroom"), (name = "WATCHED", text = embed "watched"), ${texts.join(" ")}],
  durableObjectNamespaces = [(className = "Classroom", uniqueKey = "cell-monitor-Classroom", enableSql = true)],
  durableObjectStorage = (localDisk = "objects"),
);
`;
}

// The one that the worker is developed with.
const fromHere = createRequire(import.meta.url);
const runtimeSchema = v.object({ default: v.string() });
const runtime = v.parse(runtimeSchema, createRequire(fromHere.resolve("wrangler"))("workerd")).default;

/** A running workerd. It ends with this process at the latest, however that ends. */
export class WorkerProcess {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #watchdog: ChildProcess;
  #log = "";

  private constructor(child: ChildProcess, pid: number) {
    this.#child = child;
    this.pid = pid;
    // SIGKILL leaves this process no time to end its children: reading returns when it is gone.
    this.#watchdog = spawn("/bin/sh", ["-c", 'read -r _; kill -9 "$1"', "sh", String(pid)], {
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#log = (this.#log + text).slice(-20_000);
    });
  }

  /**
   * Resolves when it takes requests.
   * @param watched the step to stop at, `nothing`, or empty to tell of all steps
   */
  static async start(
    folder: string,
    watched: string,
    onLine: (line: string) => void,
  ): Promise<WorkerProcess> {
    writeFileSync(join(folder, "watched"), watched);
    const child = spawn(runtime, ["serve", join(folder, "config.capnp"), "--control-fd=3"], {
      stdio: ["ignore", "pipe", "pipe", "pipe"],
    });
    const { pid } = child;
    if (pid === undefined) throw new Error("workerd could not be started.");
    const worker = new WorkerProcess(child, pid);
    createInterface({ input: streamOf(child.stdout) }).on("line", onLine);
    const [first] = await Promise.race([once(streamOf(child.stdio[3]), "data"), once(child, "exit")]);
    if (worker.hasEnded) throw new Error(`workerd ended with ${String(first)}:\n${worker.#log}`);
    return worker;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** What it has printed last. */
  get log(): string {
    return this.#log;
  }

  /** Ends it as a machine that goes down does. */
  async kill(): Promise<void> {
    this.#watchdog.kill("SIGKILL");
    if (!this.hasEnded) signal(this.pid, "SIGKILL");
    await ended(this.#child);
  }

  /** What it holds of the machine's memory, in MiB; Linux only. */
  residentMiB(): number {
    const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${this.pid}/status`, "utf8"))?.[1];
    return Number(kib) / 1024;
  }
}

function streamOf(stream: unknown): Readable {
  if (typeof stream !== "object" || stream === null || !("on" in stream))
    throw new Error("There is no pipe.");
  return stream as Readable;
}
