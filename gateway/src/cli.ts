import { parseArgs } from "node:util";

import * as v from "valibot";

import { type GatewayOptions, startGateway } from "./gateway.ts";
import { messageOf } from "./log.ts";

const HELP = `Usage: npm run gateway -- [options]

Speaks Neon's /sql and InfluxDB's /api/v2/write on 127.0.0.1, in front of stores of your own. Put a proxy with TLS in
front of it to offer it further.

  --port N       the port (default 8788; 0 takes any free one)
  --data DIR     where the embedded database and the points are kept (default .gateway); unused by real stores
  --help

Environment:
  GATEWAY_PASSWORD   the password in the connection string of Neon's driver   (required, 16 characters or more)
  GATEWAY_TOKEN      the token of InfluxDB's client                           (required, 16 characters or more)
  DATABASE_URL       a PostgreSQL server to use instead of the embedded database
  INFLUX_URL         an InfluxDB 1.x or 2.x, or VictoriaMetrics, to forward points to instead of keeping them
  INFLUX_TOKEN       the token that server wants

Prints one line of JSON when it is ready: {"url","sqlUrl","influxUrl"}. Ends on SIGINT and SIGTERM.`;

class UsageError extends Error {}

const Secret = v.pipe(v.string(), v.minLength(16, "must be set, to at least 16 characters"));
const Url = v.optional(v.pipe(v.string(), v.url("is not a URL")));
const Environment = v.object({
  GATEWAY_PASSWORD: v.optional(Secret, ""),
  GATEWAY_TOKEN: v.optional(Secret, ""),
  DATABASE_URL: Url,
  INFLUX_URL: Url,
  INFLUX_TOKEN: v.optional(v.string()),
});

async function main(): Promise<void> {
  const options = readOptions();
  if (options === "help") return console.log(HELP);
  const gateway = await startGateway(options);
  const stop = (): void => {
    gateway.close().catch(fail);
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  const { url, sqlUrl, influxUrl } = gateway;
  console.log(JSON.stringify({ url, sqlUrl, influxUrl }));
}

function readOptions(): GatewayOptions | "help" {
  const { port, data, help } = readArguments();
  if (help) return "help";
  if (!/^\d{1,5}$/.test(port)) throw new UsageError(`--port ${port} is not a port`);
  const environment = v.safeParse(Environment, process.env);
  if (!environment.success) throw new UsageError(environment.issues.map(describeIssue).join("\n"));
  const { GATEWAY_PASSWORD, GATEWAY_TOKEN, DATABASE_URL, INFLUX_URL, INFLUX_TOKEN } = environment.output;
  return {
    port: Number(port),
    dataDir: DATABASE_URL !== undefined && INFLUX_URL !== undefined ? undefined : data,
    databaseUrl: DATABASE_URL,
    influxUrl: INFLUX_URL,
    influxUpstreamToken: INFLUX_TOKEN,
    postgresPassword: GATEWAY_PASSWORD,
    influxToken: GATEWAY_TOKEN,
    log: (event, details) => console.error(JSON.stringify({ event, ...details })),
  };
}

function readArguments() {
  try {
    return parseArgs({
      options: {
        port: { type: "string", default: "8788" },
        data: { type: "string", default: ".gateway" },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${messageOf(error)}\n\n${HELP}`);
  }
}

/** Names the variable and never its value, which may be a secret. */
function describeIssue(issue: v.InferIssue<typeof Environment>): string {
  return `${v.getDotPath(issue) ?? "the environment"} ${issue.message}`;
}

function fail(error: unknown): void {
  console.error(messageOf(error));
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

try {
  await main();
} catch (error) {
  fail(error);
}
