import type { LiveHolder } from "@cell-monitor/durable-objects";
import { accept, refuse, type Result } from "@cell-monitor/protocol";
import type { Env } from "../env.ts";
import { liveHolderOf, maySeeClass } from "./claims.ts";
import { verifyCredential } from "./verify-credential.ts";

/** Who holds a token that is to prolong an open connection. */
export async function verifyLiveHolder(
  env: Env,
  token: string,
  classId: string,
): Promise<Result<LiveHolder>> {
  const verified = await verifyCredential(env, token);
  if (!verified.ok) return verified;
  const { value: who } = verified;
  return who.use === "access" && maySeeClass(who, classId)
    ? accept(liveHolderOf(who, classId))
    : refuse("forbidden", "That credential does not open this.");
}
