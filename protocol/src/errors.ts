import * as v from "valibot";

/** Every error code and the HTTP status that goes with it. A code without a status does not compile. */
export const errorStatus = {
  invalid_json: 400,
  invalid_event: 400,
  no_good_event: 400,
  invalid_encoding: 400,
  unauthenticated: 401,
  token_expired: 401,
  token_revoked: 401,
  login_link_spent: 401,
  forbidden: 403,
  origin_refused: 403,
  not_found: 404,
  class_not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  precondition_failed: 412,
  body_too_large: 413,
  too_many_events: 413,
  unsupported_media_type: 415,
  invalid_body: 422,
  upgrade_required: 426,
  rate_limited: 429,
  backlog_full: 429,
  internal: 500,
  unavailable: 503,
} as const;

export type ErrorCode = keyof typeof errorStatus;

/** Why a single event of a batch was refused; the rest of the batch is taken. */
export const rejectionCodes = [
  "invalid_event",
  "too_deep",
  "missing_user",
  "sequence_jump",
  "session_expired",
  "consent_refused",
] as const;

export type RejectionCode = (typeof rejectionCodes)[number];

/** The body of every refusal, on every route. */
export const errorBodySchema = v.object({
  error: v.object({ code: v.string(), message: v.string(), details: v.optional(v.unknown()) }),
});

export type ErrorBody = v.InferOutput<typeof errorBodySchema>;

/** An expected refusal, passed around as a value. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details?: unknown;
  readonly retryAfterMs?: number;
}

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: Refusal };

export function accept<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function refuse(
  code: ErrorCode,
  message: string,
  extra: Pick<Refusal, "details" | "retryAfterMs"> = {},
): { readonly ok: false; readonly refusal: Refusal } {
  return { ok: false, refusal: { code, message, ...extra } };
}

/** A refusal as an answer: the one shape of all errors. */
export function refusalResponse(refusal: Refusal): Response {
  const { code, message, details, retryAfterMs } = refusal;
  const body: ErrorBody = { error: { code, message, ...(details !== undefined && { details }) } };
  const headers = new Headers();
  if (retryAfterMs !== undefined)
    headers.set("retry-after", String(Math.max(1, Math.ceil(retryAfterMs / 1000))));
  return Response.json(body, { status: errorStatus[code], headers });
}
