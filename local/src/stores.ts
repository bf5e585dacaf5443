import { type Gateway, type Log, startGateway } from "@cell-monitor/gateway";
import * as v from "valibot";

import type { DataFolder } from "./data-folder.ts";
import type { Secrets } from "./secrets.ts";
import { StackError } from "./stack-error.ts";

/** Real stores instead of the embedded ones, by the names of the environment variables. */
export interface Stores {
  readonly DATABASE_URL?: string | undefined;
  readonly INFLUX_URL?: string | undefined;
  readonly INFLUX_TOKEN?: string | undefined;
  readonly INFLUX_ORG?: string | undefined;
  readonly INFLUX_BUCKET?: string | undefined;
}

const file = "stores.json";
const fileSchema = v.object({ database: v.string() });

/**
 * The database to be used. What the objects of a data folder have not yet written belongs in the database they were
 * started with, and in no other.
 */
export function databaseOf(data: DataFolder, databaseUrl: string | undefined): string {
  const database = databaseUrl === undefined ? "embedded" : nameOf(databaseUrl);
  const kept = data.read(file, fileSchema)?.database ?? database;
  if (kept === database) return database;
  throw new StackError(
    `${data.path} belongs to another database (${kept}, not ${database}): name another folder with --data, ` +
      "or start anew with --reset.",
  );
}

/** To be called when it has been reached: a mistyped address must not stick. */
export function keepDatabase(data: DataFolder, database: string): void {
  data.write(file, { database });
}

/** What a connection string leads to, without how one gets in. */
function nameOf(databaseUrl: string): string {
  if (!URL.canParse(databaseUrl)) {
    throw new StackError("DATABASE_URL is no address: postgres://user@host/database.");
  }
  const { hostname, port, pathname } = new URL(databaseUrl);
  return `${hostname}:${port || "5432"}${pathname}`;
}

export async function openGateway(
  dataDir: string,
  secrets: Secrets,
  stores: Stores,
  log: Log,
): Promise<Gateway> {
  try {
    return await startGateway({
      port: 0,
      dataDir,
      databaseUrl: stores.DATABASE_URL,
      influxUrl: stores.INFLUX_URL,
      influxUpstreamToken: stores.INFLUX_TOKEN,
      postgresPassword: secrets.postgresPassword,
      influxToken: secrets.influxToken,
      log,
    });
  } catch (error) {
    if (stores.DATABASE_URL === undefined || !(error instanceof Error)) throw error;
    throw new StackError(`DATABASE_URL: ${error.message}`, { cause: error });
  }
}
