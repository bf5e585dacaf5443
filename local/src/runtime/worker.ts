import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Log } from "@cell-monitor/gateway";
import { convertV4MiniflareOptions, Log as MiniflareLog, LogLevel, Miniflare } from "miniflare";
import * as v from "valibot";
import { unstable_getMiniflareWorkerOptions as workerOptionsOf } from "wrangler";

import { StackError } from "../stack-error.ts";
import { endStrayWorkerd, guardedWorkerd, startWatchdog } from "./watchdog.ts";

export interface WorkerOptions {
  /** The checkout: wrangler.toml and the bundle that was built from it. */
  readonly root: string;
  readonly port: number;
  /** Where the objects are kept. */
  readonly stateFolder: string;
  /** For what the running process needs on disk. */
  readonly runFolder: string;
  /** Variables and secrets, over those of wrangler.toml. */
  readonly variables: Readonly<Record<string, string>>;
  readonly log: Log;
}

export interface RunningWorker {
  /** Settles with the reason when the worker ended, or can no longer be trusted to end with this process. */
  readonly failure: Promise<Error>;
  close(): Promise<void>;
}

export const host = "127.0.0.1";

// Part of the objects' identity on disk.
const workerName = "cell-monitor";

const variablesSchema = v.optional(v.record(v.string(), v.string()), {});

/** Runs the worker as it would be deployed, its objects on disk, on a port of this machine. */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { root, port, stateFolder, runFolder, variables, log } = options;
  const bundle = join(root, ".build", "worker");
  const script = join(bundle, "index.js");
  if (!existsSync(script)) throw new StackError("The worker isn't built: run `npm run build` first.");
  // The rules say how to find a bundle's modules; this bundle is one file.
  const { modulesRules: _, ...workerOptions } = workerOptionsOf(join(root, "wrangler.toml")).workerOptions;
  await endStrayWorkerd(runFolder);
  const watchdog = await startWatchdog(runFolder, workerdBinary());
  process.env["MINIFLARE_WORKERD_PATH"] = guardedWorkerd;

  const crash = Promise.withResolvers<Error>();
  void watchdog.lost.then(() => crash.resolve(new Error("The watchdog of the worker ended.")));
  const miniflare = keepingSignalHandlers(
    () =>
      new Miniflare(
        convertV4MiniflareOptions({
          host,
          port: 0,
          cf: false,
          logRequests: false,
          telemetry: { enabled: false },
          unsafeLocalExplorer: false,
          unsafeRuntimeEnv: watchdog.environment,
          resourcePersistencePath: stateFolder,
          log: new RuntimeLog(log),
          handleStructuredLogs: ({ level, message }) => log(`worker_${level}`, { message }),
          unsafeHandleRuntimeRestart: () => crash.resolve(new Error("The worker's runtime crashed.")),
          workers: [
            {
              ...workerOptions,
              name: workerName,
              modules: true,
              scriptPath: script,
              modulesRoot: bundle,
              bindings: { ...v.parse(variablesSchema, workerOptions["bindings"]), ...variables },
              // Past Miniflare's own entry, which costs five times what the worker does.
              unsafeDirectSockets: [{ host, port }],
            },
          ],
        }),
      ),
  );
  const close = async (): Promise<void> => {
    await miniflare.dispose();
    watchdog.close();
  };
  try {
    await miniflare.ready;
  } catch (error) {
    await close();
    throw error;
  }
  return { failure: crash.promise, close };
}

/** Miniflare's own words, which end up in the one log. */
class RuntimeLog extends MiniflareLog {
  readonly #log: Log;

  constructor(log: Log) {
    super(LogLevel.WARN);
    this.#log = log;
  }

  override logWithLevel(level: LogLevel, message: string): void {
    if (level <= LogLevel.WARN)
      this.#log(level === LogLevel.ERROR ? "runtime_error" : "runtime_warn", { message });
  }
}

/**
 * Miniflare's handlers end the process at the first signal, while the stack still has other parts to end. Its
 * handler of `exit` stays.
 */
function keepingSignalHandlers<Made>(make: () => Made): Made {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const before = new Map(signals.map((signal) => [signal, new Set(process.listeners(signal))]));
  const made = make();
  for (const signal of signals) {
    for (const listener of process.listeners(signal)) {
      if (before.get(signal)?.has(listener) !== true) process.off(signal, listener);
    }
  }
  return made;
}

/** Of the workerd that this Miniflare was made for. */
function workerdBinary(): string {
  const fromMiniflare = createRequire(createRequire(import.meta.url).resolve("miniflare"));
  return v.parse(v.object({ default: v.string() }), fromMiniflare("workerd")).default;
}
