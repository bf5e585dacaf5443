import { refuse, type Result } from "@cell-monitor/protocol";
import type { Env } from "../env.ts";
import { adminEpoch } from "./admin-epoch.ts";
import { firstAdmin, type Principal } from "./claims.ts";
import { verifyToken } from "./tokens.ts";

/** Verifies a token, and of the first admin's, whom no row is about, that the deployment's admin key is still the same. */
export async function verifyCredential(env: Env, token: string): Promise<Result<Principal>> {
  const verified = await verifyToken(env, token);
  if (!verified.ok || verified.value.sub !== firstAdmin) return verified;
  return verified.value.epoch === (await adminEpoch(env))
    ? verified
    : refuse("token_revoked", "The credential has been revoked.");
}
