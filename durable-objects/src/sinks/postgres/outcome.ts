import { NeonDbError } from "@neondatabase/serverless";
import { RetryLaterError } from "./heeding-fetch.ts";
import type { SinkOutcome } from "../sink.ts";

/**
 * SQLSTATE classes that the rows themselves are the cause of: a row written twice by one statement (21), values
 * (22), constraints (23), sizes (54). Everything else is the database's state, which heals or is healed by people:
 * a missing migration, a wrong password, a quota. Dead-lettering a class's whole log for those would be the greater
 * evil, so they block, visibly. See docs/adr/0004-rows-that-any-order-of-events-makes.md.
 */
const causedByRows: ReadonlySet<string> = new Set(["21", "22", "23", "54"]);

/** Every event of a class refers to its row: a database put back to before the class was made refuses all alike. */
function isClassMissing({ code, constraint }: NeonDbError): boolean {
  return code === "23503" && constraint?.endsWith("_class_id_fkey") === true;
}

/** Neon's driver tells the status of an answer that isn't SQL's in the message alone. */
const tooLarge = /^Server error \(HTTP status 413\)/;

/** What a failed transaction means for its batch. */
export function outcomeOf(error: unknown): SinkOutcome {
  if (!(error instanceof NeonDbError)) {
    return { kind: "retry", reason: error instanceof Error ? error.message : String(error) };
  }
  const { code, message, constraint, sourceError } = error;
  if (sourceError instanceof RetryLaterError) {
    return { kind: "retry", reason: sourceError.message, retryAfterMs: sourceError.retryAfterMs };
  }
  const reason = [code, message, constraint && `(${constraint})`].filter(Boolean).join(" ");
  const isPoison = code
    ? causedByRows.has(code.slice(0, 2)) && !isClassMissing(error)
    : tooLarge.test(message);
  return { kind: isPoison ? "poison" : "retry", reason };
}
