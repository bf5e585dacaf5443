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

/** Runs one statement and holds its rows against a schema. Throws what the database says. */
export async function query<Schema extends v.GenericSchema>(
  env: Env,
  row: Schema,
  text: string,
  parameters: readonly unknown[],
): Promise<v.InferOutput<Schema>[]> {
  const options = { fetchOptions: { signal: AbortSignal.timeout(timeoutMs) } };
  const rows = await client(env).query(text, [...parameters], options);
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
