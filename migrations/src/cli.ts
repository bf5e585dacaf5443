import { join } from "node:path";
import { parseArgs } from "node:util";

import { Client } from "pg";

import { migrate } from "./migrate.ts";

const HELP = `Usage: npm run migrate -- [options]

Brings a PostgreSQL database to the last migration.

  --database-url URL   the database; otherwise DATABASE_URL of the environment
  --folder DIR         the migrations (default: this package's own)
  --dry-run            only say what would be applied
  --json               one line of JSON on stdout: {"applied":[…],"version":N,"dryRun":false} or {"error":{…}}
  --help

Ends with 0 when the database is up to date, 1 when a migration failed, 2 when the call was wrong.`;

class UsageError extends Error {}

/** Runs the command and returns its exit code. */
export async function main(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const json = args.includes("--json");
  try {
    await run(args, environment);
    return 0;
  } catch (error) {
    const message = error instanceof Error ? describe(error) : String(error);
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (json) console.log(JSON.stringify({ error: { code, message } }));
    else console.error(message);
    return error instanceof UsageError ? 2 : 1;
  }
}

async function run(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<void> {
  const options = parse(args);
  if (options.help) return console.log(HELP);
  const url = databaseUrl(options["database-url"] ?? environment["DATABASE_URL"]);
  const folder = options.folder ?? join(import.meta.dirname, "..");
  const dryRun = options["dry-run"];
  const client = new Client({ connectionString: url.href, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  // A connection that breaks fails the query under way, which is where it is reported.
  client.on("error", () => undefined);
  await client.connect();
  try {
    const { applied, version } = await migrate(client, folder, { dryRun });
    if (options.json) return console.log(JSON.stringify({ applied, version, dryRun }));
    const verb = dryRun ? "would apply" : "applied";
    for (const migration of applied) console.log(`${verb} ${migration}`);
    console.log(`${url.host}${url.pathname} is at version ${version}`);
  } finally {
    await client.end();
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        "database-url": { type: "string" },
        folder: { type: "string" },
        "dry-run": { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? describe(error) : String(error)}\n\n${HELP}`);
  }
}

function databaseUrl(text: string | undefined): URL {
  if (text === undefined || text === "") {
    throw new UsageError("Which database? Set DATABASE_URL or give --database-url (see --help)");
  }
  // The text is never repeated: it holds the password.
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "postgres:" && url?.protocol !== "postgresql:") {
    throw new UsageError("The database URL must be like postgres://user:password@host:5432/database");
  }
  return url;
}

/** A refused connection is several errors in one, without a message of its own. */
function describe(error: Error): string {
  if (!(error instanceof AggregateError)) return error.message;
  return error.errors
    .map((each: unknown) => (each instanceof Error ? each.message : String(each)))
    .join("; ");
}

const CONNECT_TIMEOUT_MS = 10_000;

if (import.meta.main) process.exitCode = await main(process.argv.slice(2), process.env);
