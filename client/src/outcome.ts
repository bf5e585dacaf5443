import type { Ack, EventsAnswer } from "@cell-monitor/protocol";

/** What became of a batch, by what has to be done next; whichever way it went. */
export type SendOutcome =
  | {
      readonly kind: "acknowledged";
      readonly ack: Ack;
      readonly notifications: EventsAnswer["notifications"];
    }
  | { readonly kind: "unauthorized"; readonly message: string }
  | { readonly kind: "too_large" }
  /** Nobody knows whether it was taken, or it wasn't for now: send the same again. */
  | { readonly kind: "retry"; readonly message: string; readonly retryAfterMs?: number }
  /** The connection it went by is gone: send the same by another, at once. */
  | { readonly kind: "lost" }
  /** Sending the same again would give the same answer. */
  | { readonly kind: "fault"; readonly status: number; readonly code: string; readonly message: string };

/** @param status as HTTP has it */
export function refusalOutcome(
  status: number,
  { code, message }: { readonly code: string; readonly message: string },
  retryAfterMs: number | undefined,
): SendOutcome {
  if (status === 401) return { kind: "unauthorized", message };
  if (status === 413) return { kind: "too_large" };
  if (status === 408 || status === 429 || status >= 500) {
    return { kind: "retry", message, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  }
  return { kind: "fault", status, code, message };
}
