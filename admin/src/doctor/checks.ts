import { databaseHealthSchema, healthSchema, meSchema } from "@cell-monitor/protocol";
import { migrate } from "@cell-monitor/migrations";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Context } from "../context.ts";
import { withDatabase } from "../database.ts";
import { requiredSecrets, secretNames } from "../secrets.ts";
import { wrangler } from "../wrangler.ts";

export interface Finding {
  readonly name: string;
  readonly status: "ok" | "warning" | "wrong";
  readonly detail: string;
}

type Check = (context: Context) => Promise<Omit<Finding, "name"> | undefined>;

const ok = (detail: string) => ({ status: "ok", detail }) as const;
const wrong = (detail: string) => ({ status: "wrong", detail }) as const;
const warning = (detail: string) => ({ status: "warning", detail }) as const;

const leastNode = 24;
const mostSkewMs = 5_000;
const folder = resolve(fileURLToPath(import.meta.url), "../../../../migrations");

/** What can be looked at, in the order in which one thing needs another; one that does not apply says nothing. */
export const checks: readonly (readonly [name: string, check: Check])[] = [
  ["node", () => Promise.resolve(nodeVersion())],
  ["target", ({ target }) => Promise.resolve(ok(`${target.url} (${target.kind})`))],
  ["wrangler login", loggedIn],
  ["secrets", secretsThere],
  ["worker", workerAnswers],
  ["clock", clockAgrees],
  ["database", databaseAnswers],
  ["migrations", migrated],
  ["dashboard", dashboardServed],
  ["admin", adminGetsIn],
];

/** Runs a check; what it throws is what is wrong. */
export async function find(context: Context, name: string, check: Check): Promise<Finding | undefined> {
  try {
    const found = await check(context);
    return found && { name, ...found };
  } catch (error) {
    return { name, ...wrong(error instanceof Error ? error.message : String(error)) };
  }
}

function nodeVersion() {
  const major = Number(process.versions.node.split(".")[0]);
  const said = `Node ${process.versions.node}`;
  return major >= leastNode ? ok(said) : wrong(`${said}; it takes ${leastNode} or newer`);
}

async function loggedIn({ target, options }: Context) {
  if (target.kind !== "deployment") return undefined;
  const { code } = await wrangler(["whoami"], { config: options.config, env: options.env });
  return code === 0 ? ok("logged in") : wrong("not logged in: npx wrangler login");
}

async function secretsThere({ target, options }: Context) {
  if (target.kind !== "deployment") return undefined;
  const names = await secretNames({ config: options.config, env: options.env });
  if (!names) return warning("can't be listed; is the worker deployed, and wrangler logged in?");
  const missing = Object.keys(requiredSecrets).filter((name) => !names.has(name));
  return missing.length === 0 ? ok("all there") : wrong(`missing: ${missing.join(", ")}`);
}

async function workerAnswers({ open }: Context) {
  await open.call(healthSchema, "/health");
  return ok("answers");
}

async function clockAgrees({ open }: Context) {
  const response = await open.send("/health");
  const skewMs = Date.parse(response.headers.get("date") ?? "") - Date.now();
  if (Number.isNaN(skewMs)) return undefined;
  const said = `${Math.abs(Math.round(skewMs / 1000))} s apart`;
  return Math.abs(skewMs) <= mostSkewMs ? ok(said) : warning(`${said}: set this machine's clock`);
}

async function databaseAnswers({ open }: Context) {
  const { response_time_ms: tookMs } = await open.call(databaseHealthSchema, "/health/database");
  return ok(`answers the worker in ${tookMs} ms`);
}

async function migrated({ environment }: Context) {
  const url = environment["DATABASE_URL"];
  if (url === undefined || url === "") return undefined;
  const { applied, version } = await withDatabase(url, (client) => migrate(client, folder, { dryRun: true }));
  return applied.length === 0
    ? ok(`at version ${version}`)
    : wrong(`${applied.length} to be applied: cell-monitor migrate`);
}

async function dashboardServed({ target }: Context) {
  const response = await fetch(target.url, { signal: AbortSignal.timeout(10_000) });
  const isPage = response.ok && (response.headers.get("content-type") ?? "").startsWith("text/html");
  return isPage ? ok("served") : wrong(`${target.url} answers ${response.status} and no page`);
}

async function adminGetsIn({ api }: Context) {
  const { role, classes } = await api.call(meSchema, "/auth/me");
  return ok(`gets in as ${role}; sees ${classes.length} classes`);
}
