import { type ErrorBody, errorBodySchema } from "@cell-monitor/protocol";

/** The part of the Standard Schema interface that is used, so that only `protocol` depends on a schema library. */
interface StandardSchema<Output> {
  readonly "~standard": {
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
  };
}

type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly unknown[] };

/** The value as `schema` sees it, or undefined where it doesn't fit. */
export function parseWith<Output>(schema: StandardSchema<Output>, value: unknown): Output | undefined {
  const result = schema["~standard"].validate(value);
  return result instanceof Promise || result.issues ? undefined : result.value;
}

/** The body of an answer as JSON, or undefined: what stands between may answer with a page of its own. */
export async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return undefined;
  }
}

/** What a refusal says, also when something else than our server refused. */
export function refusalOf(body: unknown, status: number): ErrorBody["error"] {
  return (
    parseWith(errorBodySchema, body)?.error ?? { code: `http_${status}`, message: `HTTP status ${status}` }
  );
}

/** How long `Retry-After` asks to wait: seconds or a date. */
export function retryAfterMsOf(headers: Headers, nowMs: number): number | undefined {
  const value = headers.get("retry-after")?.trim();
  if (!value) return undefined;
  const waitMs = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - nowMs;
  return Number.isNaN(waitMs) ? undefined : Math.max(0, waitMs);
}
