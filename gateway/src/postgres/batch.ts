import type { FieldDef, PoolClient, QueryArrayConfig } from "pg";

export interface Statement {
  readonly query: string;
  readonly params: readonly unknown[];
}

export interface TransactionMode {
  readonly isolationLevel: string | undefined;
  readonly readOnly: boolean | undefined;
  readonly deferrable: boolean | undefined;
}

export interface StatementResult {
  readonly command: string;
  readonly rowCount: number | null;
  readonly fields: readonly FieldDef[];
  /** Every value as PostgreSQL writes it in its text format. */
  readonly rows: readonly (string | null)[][];
}

/** The transaction ended in a rollback though no statement failed, because a statement of it ended it. */
export class TransactionEndedError extends Error {
  override name = "TransactionEndedError";
}

/** `queryMode` is pg's, and missing in its types. */
interface ExtendedQuery extends QueryArrayConfig<unknown[]> {
  readonly queryMode: "extended";
}

/**
 * Runs one statement by the extended protocol, parameters or not: the simple protocol would take several statements
 * in one text.
 */
export async function runStatement(client: PoolClient, statement: Statement): Promise<StatementResult> {
  const config: ExtendedQuery = {
    text: statement.query,
    values: [...statement.params],
    rowMode: "array",
    queryMode: "extended",
  };
  const { command, rowCount, fields, rows } = await client.query<(string | null)[]>(config);
  return { command, rowCount, fields, rows };
}

/** Runs all statements in one transaction: a failing one leaves nothing of any. */
export async function runTransaction(
  client: PoolClient,
  statements: readonly Statement[],
  mode: TransactionMode,
): Promise<StatementResult[]> {
  await client.query(begin(mode));
  const results: StatementResult[] = [];
  for (const statement of statements) {
    results.push(await runStatement(client, statement));
    if (client.getTransactionStatus() !== "T") {
      throw new TransactionEndedError("a statement ended the transaction it was part of");
    }
  }
  await client.query("COMMIT");
  return results;
}

function begin({ isolationLevel, readOnly, deferrable }: TransactionMode): string {
  return [
    "BEGIN",
    ...(isolationLevel === undefined ? [] : [`ISOLATION LEVEL ${isolationLevel}`]),
    ...(readOnly === undefined ? [] : [readOnly ? "READ ONLY" : "READ WRITE"]),
    ...(deferrable === undefined ? [] : [deferrable ? "DEFERRABLE" : "NOT DEFERRABLE"]),
  ].join(" ");
}
