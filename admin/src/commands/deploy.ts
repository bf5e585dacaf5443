import { migrate } from "@cell-monitor/migrations";
import type { Command } from "commander";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Api } from "../api.ts";
import { healthSchema } from "@cell-monitor/protocol";
import { askSecret, askToGoOn } from "../ask.ts";
import { doing } from "../command.ts";
import type { Context } from "../context.ts";
import { withDatabase } from "../database.ts";
import { exitCodes } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import { putSecret, requiredSecrets, secretNames } from "../secrets.ts";
import { keepAdminKey } from "../target/admin-keys.ts";
import { type Deployment, readDeployment } from "../target/wrangler-config.ts";
import { wranglerOrFail, type WranglerOptions } from "../wrangler.ts";

const root = resolve(fileURLToPath(import.meta.url), "../../../..");
const readyWithinMs = 120_000;

interface DeployOptions {
  readonly databaseUrl?: string;
  readonly dryRun: boolean;
}

interface Steps {
  readonly migrated: readonly string[] | null;
  readonly secrets: readonly string[];
  readonly url: string | null;
  readonly ready: boolean | null;
}

/** In the order that leaves a running deployment running: the database first, which the old version gets along with. */
const deploy = doing<[], DeployOptions>(async (context, { databaseUrl, dryRun }) => {
  const { config, env } = context.options;
  const { out } = context;
  const deployment = readDeployment(config, env);
  if (!deployment?.workerName) throw new Failure(exitCodes.usage, "usage", `${config} names no worker.`);
  const options = { config, env };
  const named = env === undefined ? deployment.workerName : `${deployment.workerName} (${env})`;
  if (!dryRun) {
    await wranglerOrFail(["whoami"], options);
    await askToGoOn(`Deploy ${named}?`, context.options.yes);
  }
  const database = databaseUrl ?? context.environment["DATABASE_URL"];
  out.note("1/4 database");
  const migrated = database === undefined ? null : await migrateDatabase(context, database, dryRun);
  if (migrated === null) out.note("    left as it is: there is no DATABASE_URL here");
  out.note("2/4 build and upload");
  await build();
  await wranglerOrFail(
    ["deploy", ...(dryRun ? ["--dry-run", "--outdir", resolve(root, ".build/deploy")] : [])],
    {
      ...options,
      isShown: true,
    },
  );
  out.note("3/4 secrets");
  const secrets = dryRun ? [] : await completeSecrets(context, options, deployment, database);
  const said = secrets.length === 0 ? "nothing was missing" : `set: ${secrets.join(", ")}`;
  out.note(`    ${dryRun ? "not looked at" : said}`);
  out.note("4/4 health");
  const url = context.options.url ?? deployment.url ?? null;
  const ready = dryRun || url === null ? null : await becomesReady(url);
  const result: Steps = { migrated, secrets, url, ready };
  out.result(
    { ...result, dryRun },
    dryRun ? `${named} could be deployed.` : `${named} is deployed${readyText(url, ready)}`,
  );
  if (ready === false) process.exitCode = exitCodes.unavailable;
});

function readyText(url: string | null, ready: boolean | null): string {
  if (url === null || ready === null) return "; put PUBLIC_ORIGIN into [vars] to have its health looked at.";
  return ready ? ` and ready: ${url}` : `, but ${url} is not ready: cell-monitor doctor says why.`;
}

async function migrateDatabase({ out }: Context, url: string, dryRun: boolean): Promise<readonly string[]> {
  const { applied } = await withDatabase(url, (client) =>
    migrate(client, resolve(root, "migrations"), { dryRun }),
  );
  out.note(`    ${applied.length === 0 ? "up to date" : applied.join(", ")}`);
  return applied;
}

function build(): Promise<void> {
  const script = resolve(root, "scripts/build.mjs");
  if (!existsSync(script))
    throw new Failure(exitCodes.failed, "no_checkout", "A deployment is made from a checkout.");
  return new Promise((done, reject) => {
    const child = spawn(process.execPath, [script], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) done();
      else reject(new Failure(exitCodes.failed, "build_failed", "The build failed."));
    });
  });
}

/** Sets what is missing. What can be drawn is, and never printed; the admin key is kept where this command finds it. */
async function completeSecrets(
  context: Context,
  options: WranglerOptions,
  { workerName }: Deployment,
  database: string | undefined,
): Promise<string[]> {
  const there = await secretNames(options);
  // One that is drawn anew in another's place cannot be undone: tokens are void, and pseudonyms others.
  if (!there) {
    const message =
      "It is deployed, but wrangler does not say which secrets are set, so none was: deploy again.";
    throw new Failure(exitCodes.failed, "secrets_unknown", message);
  }
  const set: string[] = [];
  for (const [name, draw] of Object.entries(requiredSecrets)) {
    if (there.has(name)) continue;
    const named = context.environment[`CELL_MONITOR_${name}`];
    const given = name === "DATABASE_URL" ? (database ?? named) : named;
    const value =
      given ?? draw?.() ?? (await askSecret(name, `${name} is missing: set it in the environment.`));
    // Kept before it is set: a key that only the deployment knows would open nothing.
    if (name === "ADMIN_KEY" && workerName !== undefined) {
      context.out.note(`    the admin key is kept in ${keepAdminKey(workerName, value)}`);
    }
    await putSecret(name, value, options);
    set.push(name);
  }
  const influxToken = context.environment["INFLUX_TOKEN"];
  if (influxToken && !there.has("INFLUX_TOKEN")) {
    await putSecret("INFLUX_TOKEN", influxToken, options);
    set.push("INFLUX_TOKEN");
  }
  return set;
}

async function becomesReady(url: string): Promise<boolean> {
  const deadlineMs = Date.now() + readyWithinMs;
  while (Date.now() < deadlineMs) {
    const isReady = await new Api(url).call(healthSchema, "/health/ready").then(
      () => true,
      () => false,
    );
    if (isReady) return true;
    await delay(1_000);
  }
  return false;
}

export function addDeployCommand(program: Command): void {
  program
    .command("deploy")
    .description(
      "migrate the database, build, deploy by wrangler, set missing secrets, and wait until it is ready",
    )
    .option("--database-url <url>", "the database; otherwise DATABASE_URL of the environment")
    .option("--dry-run", "build, and say what would be done", false)
    .action(deploy);
}
