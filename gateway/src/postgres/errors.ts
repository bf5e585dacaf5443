import { DatabaseError } from "pg";

import { TransactionEndedError } from "./batch.ts";
import { DatabaseUnavailableError, RequestTimeoutError } from "./database.ts";

export interface SqlFailure {
  /** Neon's driver reads the fields of an error from a 400 only; of another status it keeps the text. */
  readonly status: 400 | 503;
  readonly body: Readonly<Record<string, string | undefined>> & { readonly message: string };
}

/** How a failure is told to Neon's driver, or undefined when it is a fault of the gateway itself. */
export function describeFailure(error: unknown): SqlFailure | undefined {
  if (error instanceof DatabaseError) return { status: 400, body: databaseError(error) };
  if (error instanceof RequestTimeoutError) {
    return refusal("57014", "canceling statement due to statement timeout");
  }
  if (error instanceof TransactionEndedError) return refusal("2D000", error.message);
  if (error instanceof DatabaseUnavailableError) return { status: 503, body: { message: error.message } };
  return undefined;
}

/** A refusal of the gateway's own, in the shape of one of PostgreSQL's. */
export function refusal(code: string, message: string): SqlFailure {
  return { status: 400, body: { severity: "ERROR", code, message } };
}

function databaseError(error: DatabaseError): SqlFailure["body"] {
  const { message, severity, code, detail, hint, position, internalPosition, internalQuery, where } = error;
  const { schema, table, column, dataType, constraint, file, line, routine } = error;
  return {
    message,
    severity,
    code,
    detail,
    hint,
    position,
    internalPosition,
    internalQuery,
    where,
    schema,
    table,
    column,
    dataType,
    constraint,
    file,
    line,
    routine,
  };
}
