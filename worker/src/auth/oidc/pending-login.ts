import * as v from "valibot";
import type { Env } from "../../env.ts";
import type { Result } from "@cell-monitor/protocol";
import { signFor, verifyFor } from "../tokens.ts";

/** How long a person may take at the provider. */
export const pendingLoginMs = 10 * 60 * 1000;

const place = "cell-monitor-login";

const pendingSchema = v.object({
  /** Comes back with the answer: the answer to another request is none to this. */
  state: v.string(),
  /** Stands in the identity token that is made for this request. */
  nonce: v.string(),
  /** What the code is worth something with (PKCE). */
  verifier: v.string(),
  /** The page to show in the end. */
  next: v.string(),
});
/** A login that was begun in this browser, which carries it in a signed cookie. */
export type PendingLogin = v.InferOutput<typeof pendingSchema>;

export function signPending(env: Env, pending: PendingLogin): Promise<string> {
  return signFor(env, place, pending, Date.now() + pendingLoginMs);
}

export function readPending(env: Env, cookie: string): Promise<Result<PendingLogin>> {
  return verifyFor(env, place, pendingSchema, cookie);
}
