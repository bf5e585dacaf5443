import { accept, type ErrorCode, refuse, type Result } from "@cell-monitor/protocol";
import { neon, NeonDbError, neonConfig } from "@neondatabase/serverless";
import * as v from "valibot";
import type { Env } from "../env.ts";

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

/** Lost connections, too little of something, an operator at work. */
const passingStates = /^(?:08|53|57)/;

function isPassing(error: unknown): boolean {
  // Without a SQLSTATE it was not the database that spoke.
  if (error instanceof NeonDbError) return passingStates.test(error.code ?? "08");
  return error instanceof DOMException && error.name === "TimeoutError";
}

/**
 * Runs one statement and holds its rows against a schema.
 * @throws DatabaseUnavailableError when there is no answer; otherwise what the database says
 */
export async function query<Schema extends v.GenericSchema>(
  env: Env,
  row: Schema,
  text: string,
  parameters: readonly unknown[],
): Promise<v.InferOutput<Schema>[]> {
  const options = { fetchOptions: { signal: AbortSignal.timeout(timeoutMs) } };
  const rows = await client(env)
    .query(text, [...parameters], options)
    .catch((error: unknown) => {
      if (!isPassing(error)) throw error;
      throw new DatabaseUnavailableError("The database did not answer.", { cause: error });
    });
  return v.parse(v.array(row), rows);
}

/** Violations of what the schema promises, as refusals; anything else is thrown on. */
export async function refusingViolations<T>(
  work: () => Promise<T>,
  messages: Partial<Record<"unique" | "foreignKey", string>>,
): Promise<Result<T>> {
  try {
    return accept(await work());
  } catch (error) {
    if (!(error instanceof NeonDbError)) throw error;
    const known: Record<string, [ErrorCode, string | undefined]> = {
      "23505": ["conflict", messages.unique],
      "23503": ["invalid_body", messages.foreignKey],
    };
    const [code, message] = known[error.code ?? ""] ?? [];
    if (!code || message === undefined) throw error;
    return refuse(code, message);
  }
}
