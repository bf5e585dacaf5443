import { refuse } from "@cell-monitor/protocol";
import { neon, NeonDbError, neonConfig } from "@neondatabase/serverless";
import * as v from "valibot";
import type { Principal } from "../auth/claims.ts";
import type { Env } from "../env.ts";
import { standingOf } from "./standing.ts";

const timeoutMs = 8_000;

function client(env: Env) {
  if (env.NEON_SQL_URL !== undefined) {
    const endpoint = env.NEON_SQL_URL;
    neonConfig.fetchEndpoint = () => endpoint;
  }
  return neon(env.DATABASE_URL ?? "");
}

/** Nothing came back from the database, or only that it cannot answer now: the same may work later. */
export class DatabaseUnavailableError extends Error {}

/** The credential was void when the database was asked with it; nothing was read or written. */
export class CredentialRevokedError extends Error {}

/** The database has no such value: text with U+0000, a number or a time out of its range. What was sent is the cause. */
export class UnstorableValueError extends Error {}

/** Lost connections, too little of something, an operator at work. */
const passingStates = /^(?:08|53|57)/;

function isPassing(error: unknown): boolean {
  // Without a SQLSTATE it was not the database that spoke.
  if (error instanceof NeonDbError) return passingStates.test(error.code ?? "08");
  return error instanceof DOMException && error.name === "TimeoutError";
}

export interface Statement {
  readonly text: string;
  readonly parameters: readonly unknown[];
}

/** The database, asked in the name of somebody: each request is one transaction that first sees that they still may. */
export interface Database {
  /** Runs one statement and holds its rows against a schema. */
  rows<Schema extends v.GenericSchema>(
    row: Schema,
    text: string,
    parameters: readonly unknown[],
  ): Promise<v.InferOutput<Schema>[]>;
  /** Runs statements in one transaction; their rows, in their order, as they came. */
  all(statements: readonly Statement[]): Promise<unknown[][]>;
}

/**
 * @param who whose credential is checked along with each request; without one nothing is, for routes that are open
 * @throws DatabaseUnavailableError when there is no answer, CredentialRevokedError, otherwise what the database says
 */
export function openDatabase(env: Env, who?: Principal): Database {
  const standing = who && standingOf(who);
  const all = async (statements: readonly Statement[]) => {
    const results = await run(env, standing ? [standing, ...statements] : statements);
    return standing ? results.slice(1) : results;
  };
  return {
    all,
    rows: async (row, text, parameters) => {
      const [rows = []] = await all([{ text, parameters }]);
      return v.parse(v.array(row), rows);
    },
  };
}

async function run(env: Env, statements: readonly Statement[]): Promise<unknown[][]> {
  const sql = client(env);
  const fetchOptions = { signal: AbortSignal.timeout(timeoutMs) };
  try {
    const [only] = statements;
    if (only && statements.length === 1) {
      return [await sql.query(only.text, [...only.parameters], { fetchOptions })];
    }
    const queries = statements.map(({ text, parameters }) => sql.query(text, [...parameters]));
    return await sql.transaction(queries, { fetchOptions });
  } catch (error) {
    if (isPassing(error))
      throw new DatabaseUnavailableError("The database did not answer.", { cause: error });
    if (error instanceof NeonDbError && error.code === "CM401") throw new CredentialRevokedError();
    if (error instanceof NeonDbError && error.code?.startsWith("22") === true) {
      throw new UnstorableValueError(error.message, { cause: error });
    }
    throw error;
  }
}

/** Runs one statement in nobody's name, and holds its rows against a schema. */
export function query<Schema extends v.GenericSchema>(
  env: Env,
  row: Schema,
  text: string,
  parameters: readonly unknown[],
): Promise<v.InferOutput<Schema>[]> {
  return openDatabase(env).rows(row, text, parameters);
}

export const { refusal: databaseSilent } = refuse("unavailable", "The database does not answer; try again.", {
  retryAfterMs: 5_000,
});
