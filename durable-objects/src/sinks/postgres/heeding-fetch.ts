import { retryAfterMsOf } from "../retry-after.ts";

/** The database, or who answers for it, wants to be left alone for a while. */
export class RetryLaterError extends Error {
  readonly retryAfterMs: number;

  constructor(message: string, retryAfterMs: number) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}

/** What Neon's driver is to fetch with: of an answer that is none it keeps the text alone, and not when to come back. */
export async function heedingFetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const response = await fetch(input, init);
  const { status, headers } = response;
  const retryAfterMs = retryAfterMsOf(headers.get("retry-after"));
  if (retryAfterMs === undefined || (status !== 429 && status < 500)) return response;
  const text = await response.text();
  throw new RetryLaterError(`Server error (HTTP status ${status}): ${text}`, retryAfterMs);
}
