import * as v from "valibot";

import type { Statement, TransactionMode } from "./batch.ts";

export interface SqlRequest {
  readonly statements: readonly Statement[];
  /** Undefined for a single statement, which PostgreSQL makes a transaction of its own. */
  readonly transaction: TransactionMode | undefined;
  readonly rowsAsArrays: boolean;
}

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

const StatementBody = v.object({ query: v.string(), params: v.optional(v.array(v.unknown()), []) });
const Body = v.union([v.object({ queries: v.array(StatementBody) }), StatementBody]);

/** Reads a request of Neon's HTTP driver, or says in a sentence what is wrong with it. */
export function parseSqlRequest(headers: Headers, body: string): SqlRequest | { readonly problem: string } {
  const json = parseJson(body);
  if (json === undefined) return { problem: "the body is not JSON" };
  const parsed = v.safeParse(Body, json);
  if (!parsed.success)
    return { problem: 'the body must be {"query","params"} or {"queries":[{"query","params"}]}' };
  if (!flag(headers, "Neon-Raw-Text-Output")) {
    return { problem: "values are answered as text only: send Neon-Raw-Text-Output: true" };
  }
  const rowsAsArrays = flag(headers, "Neon-Array-Mode") ?? false;
  if (!("queries" in parsed.output))
    return { statements: [parsed.output], transaction: undefined, rowsAsArrays };
  const isolation = headers.get("Neon-Batch-Isolation-Level");
  const isolationLevel = isolation === null ? undefined : ISOLATION_LEVELS.get(isolation);
  if (isolation !== null && isolationLevel === undefined) {
    return { problem: "Neon-Batch-Isolation-Level is not a level of isolation" };
  }
  const transaction = {
    isolationLevel,
    readOnly: flag(headers, "Neon-Batch-Read-Only"),
    deferrable: flag(headers, "Neon-Batch-Deferrable"),
  };
  return { statements: parsed.output.queries, transaction, rowsAsArrays };
}

/** Who the connection string in Neon's header names, or undefined when it names nobody. */
export function parseCredentials(headers: Headers): Credentials | undefined {
  const connectionString = headers.get("Neon-Connection-String");
  if (connectionString === null || !URL.canParse(connectionString)) return undefined;
  const { username, password } = new URL(connectionString);
  try {
    return { user: decodeURIComponent(username), password: decodeURIComponent(password) };
  } catch {
    return undefined;
  }
}

const ISOLATION_LEVELS: ReadonlyMap<string, string> = new Map([
  ["ReadUncommitted", "READ UNCOMMITTED"],
  ["ReadCommitted", "READ COMMITTED"],
  ["RepeatableRead", "REPEATABLE READ"],
  ["Serializable", "SERIALIZABLE"],
]);

function flag(headers: Headers, name: string): boolean | undefined {
  const value = headers.get(name);
  return value === null ? undefined : value === "true";
}

/** Undefined is no JSON value, so it can say "not JSON". */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
