import { fileURLToPath } from "node:url";
import { setTimeout as delay } from "node:timers/promises";
import type { Gateway, Log } from "@cell-monitor/gateway";

import { type Access, bootstrap } from "./bootstrap.ts";
import { DataFolder } from "./data-folder.ts";
import { choosePort } from "./port.ts";
import { host, startWorker } from "./runtime/worker.ts";
import { endStrayWorkerd } from "./runtime/watchdog.ts";
import { keepSecrets, type Secrets } from "./secrets.ts";
import { startSimulator } from "./simulator/simulator.ts";
import { StackError } from "./stack-error.ts";
import { databaseOf, keepDatabase, openGateway, type Stores } from "./stores.ts";

export interface StackOptions {
  /** 0 takes any free one. */
  readonly port: number;
  readonly dataDir: string;
  /** Forgets what the data folder holds. */
  readonly reset?: boolean;
  /** Simulated students. */
  readonly students?: number;
  readonly stores?: Stores;
  /** Of the worker, beside those that the stack sets itself. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly log?: Log;
  /** Told what is being done. */
  readonly onProgress?: (what: string) => void;
}

export interface Stack extends Access {
  readonly url: string;
  readonly gatewayUrl: string;
  readonly gateway: Gateway;
  /** Settles with the reason when a part ended by itself; the rest should be closed then. */
  readonly failure: Promise<Error>;
  /** Ends all parts, the last started first; what they keep stays. */
  close(): Promise<void>;
}

const root = fileURLToPath(new URL("../..", import.meta.url));
const readyWithinMs = 30_000;

/** Starts the whole system on this machine; when it resolves, everything answers. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { log = () => {}, onProgress = () => {}, students = 0, stores = {} } = options;
  const closers: (() => Promise<void> | void)[] = [];
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= closeAll(closers));
  try {
    const data = DataFolder.open(options.dataDir);
    closers.push(() => data.release());
    const runFolder = data.folder("run");
    await endStrayWorkerd(runFolder);
    if (options.reset === true) data.wipe();
    const database = databaseOf(data, stores.DATABASE_URL);
    const secrets = keepSecrets(data);
    const port = await choosePort(host, options.port);
    const url = `http://${host}:${port}`;

    onProgress(stores.DATABASE_URL === undefined ? "Starting the database" : "Connecting the database");
    const gateway = await openGateway(data.folder("stores"), secrets, stores, log);
    closers.push(() => gateway.close());
    await gateway.migrate(`${root}migrations`);
    keepDatabase(data, database);

    onProgress("Starting the worker");
    const worker = await startWorker({
      root,
      port,
      stateFolder: data.folder("objects"),
      runFolder: data.folder("run"),
      variables: { ...options.variables, ...variablesOf(url, gateway, secrets, stores) },
      log,
    });
    closers.push(() => worker.close());
    await untilReady(url);

    // For commands that are run beside it; gone with it, unless it is killed.
    data.write("running.json", { url });
    closers.push(() => data.remove("running.json"));

    onProgress("Preparing the class");
    const access = await bootstrap({
      url,
      adminKey: secrets.adminKey,
      data,
      nowMs: Date.now(),
      // Simulated students have nothing to hide, and everything to show.
      ...(students > 0 && { captureLevel: "code" }),
    });
    if (students > 0) {
      onProgress("Filling the class");
      const simulator = await startSimulator({ url, classKey: access.classKey, students, log });
      closers.push(() => simulator.close());
    }
    return { url, gatewayUrl: gateway.url, ...access, gateway, failure: worker.failure, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Ends parts in the reverse order of their start; one that fails to end keeps no other from it. */
async function closeAll(closers: readonly (() => Promise<void> | void)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const closer of closers.toReversed()) {
    try {
      await closer();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, "Not every part of the stack ended well.");
}

function variablesOf(
  url: string,
  gateway: Gateway,
  secrets: Secrets,
  stores: Stores,
): Record<string, string> {
  return {
    PUBLIC_ORIGIN: url,
    TOKEN_KEYS: secrets.tokenKeys,
    ADMIN_KEY: secrets.adminKey,
    PSEUDONYM_KEY: secrets.pseudonymKey,
    DATABASE_URL: gateway.databaseUrl,
    NEON_SQL_URL: gateway.sqlUrl,
    INFLUX_URL: gateway.influxUrl,
    INFLUX_TOKEN: secrets.influxToken,
    INFLUX_ORG: stores.INFLUX_ORG ?? "cell-monitor",
    INFLUX_BUCKET: stores.INFLUX_BUCKET ?? "cell_monitor",
  };
}

async function untilReady(url: string): Promise<void> {
  const deadlineMs = Date.now() + readyWithinMs;
  let last = "";
  while (Date.now() < deadlineMs) {
    try {
      const response = await fetch(`${url}/api/v1/health/ready`, { signal: AbortSignal.timeout(5_000) });
      last = await response.text();
      if (response.ok) return;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    await delay(50);
  }
  throw new StackError(`The worker doesn't get ready: ${last}`);
}
