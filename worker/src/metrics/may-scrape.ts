import { accept, refuse, type Result } from "@cell-monitor/protocol";
import type { Principal } from "../auth/claims.ts";
import { isSameSecret } from "../auth/secrets.ts";
import { authenticate } from "../middleware/authenticate.ts";
import type { AppContext } from "../routes/route.ts";

/** A shorter one could be guessed, and opens nothing. */
const shortestToken = 32;

/** Whether who asks may read the figures: whoever has the scraper's token, or an administrator. Answers the latter. */
export async function mayScrape(c: AppContext): Promise<Result<Principal | undefined>> {
  const { METRICS_TOKEN: token = "" } = c.env;
  const [, bearer = ""] = /^Bearer (.+)$/i.exec(c.req.header("authorization") ?? "") ?? [];
  if (token.length >= shortestToken && (await isSameSecret(bearer, token))) return accept(undefined);
  const who = await authenticate(c);
  if (!who.ok || who.value.role === "admin") return who;
  return refuse("forbidden", "This credential may not do that.");
}
