import { existsSync, readFileSync } from "node:fs";
import { exitCodes } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import { keptAdminKey } from "./admin-keys.ts";
import { findLocalStack } from "./local-stack.ts";
import { readDeployment } from "./wrangler-config.ts";

export interface TargetOptions {
  readonly url?: string | undefined;
  readonly env?: string | undefined;
  /** Of wrangler. */
  readonly config: string;
  /** Of the embedded stack. */
  readonly data: string;
}

/** What commands are about. */
export interface Target {
  readonly url: string;
  readonly kind: "address" | "embedded" | "deployment";
  /** Where it is known already; otherwise it is asked for. */
  readonly adminKey: string | undefined;
}

/**
 * Which worker is meant: the one at an address, an environment of wrangler's configuration, the embedded stack that runs
 * here, or else wrangler's top level; the first that is there.
 */
export function resolveTarget(options: TargetOptions, environment: NodeJS.ProcessEnv): Target {
  const given = options.url ?? environment["CELL_MONITOR_URL"];
  const adminKey = adminKeyOf(environment);
  if (given) return { url: originOf(given), kind: "address", adminKey };
  if (options.env !== undefined) return deployed(options, adminKey);
  const local = findLocalStack(options.data);
  if (local) return { url: local.url, kind: "embedded", adminKey: adminKey ?? local.adminKey };
  return deployed(options, adminKey);
}

function deployed({ config, env, data }: TargetOptions, adminKey: string | undefined): Target {
  const deployment = readDeployment(config, env);
  if (deployment?.url !== undefined) {
    const kept = deployment.workerName === undefined ? undefined : keptAdminKey(deployment.workerName);
    return { url: originOf(deployment.url), kind: "deployment", adminKey: adminKey ?? kept };
  }
  const message =
    env === undefined
      ? `Which worker? No stack runs on ${data}, and ${config} has no PUBLIC_ORIGIN in its [vars]. Start one with "npm start", or name an address with --url.`
      : `Where is ${env}? Put PUBLIC_ORIGIN into [env.${env}.vars] of ${config}, or name an address with --url.`;
  throw new Failure(exitCodes.usage, "no_target", message);
}

function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "https:" && url?.protocol !== "http:") {
    throw new Failure(exitCodes.usage, "usage", `${text} is no address like https://class.example.org.`);
  }
  return url.origin;
}

/** From the environment or a file: an argument would stand in the list of processes. */
function adminKeyOf(environment: NodeJS.ProcessEnv): string | undefined {
  const key = environment["CELL_MONITOR_ADMIN_KEY"];
  if (key) return key;
  const file = environment["CELL_MONITOR_ADMIN_KEY_FILE"];
  if (!file) return undefined;
  if (!existsSync(file)) {
    throw new Failure(
      exitCodes.usage,
      "usage",
      `CELL_MONITOR_ADMIN_KEY_FILE names ${file}, which isn't there.`,
    );
  }
  return readFileSync(file, "utf8").trim();
}
