import { HttpError } from "@influxdata/influxdb-client";
import { retryAfterMsOf } from "../retry-after.ts";
import type { SinkOutcome } from "../sink.ts";

/**
 * Statuses by which a server says that it will never take these lines: 400 and 422 for what they hold (it may have
 * taken the others: sent again they overwrite themselves), 413 for how many they are.
 */
const refusedLines: ReadonlySet<number> = new Set([400, 413, 422]);

/**
 * What a failed write means for its batch. Any other status is the server's state or the operator's settings (a
 * token, a bucket), which are mended without losing an event.
 */
export function outcomeOf(error: unknown): SinkOutcome {
  const reason = error instanceof Error ? error.message : String(error);
  if (!(error instanceof HttpError)) return { kind: "retry", reason };
  if (refusedLines.has(error.statusCode)) return { kind: "poison", reason };
  const delayMs = retryAfterMs(error);
  return { kind: "retry", reason, ...(delayMs !== undefined && { retryAfterMs: delayMs }) };
}

/** The client takes the header's seconds for milliseconds, so it is read here. */
function retryAfterMs({ headers }: HttpError): number | undefined {
  const header = headers?.["retry-after"];
  return typeof header === "string" ? retryAfterMsOf(header) : undefined;
}
