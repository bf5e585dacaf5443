import { accept, bearerSubprotocolPrefix, refuse, type Result } from "@cell-monitor/protocol";
import type { Context } from "hono";
import type { Principal } from "../auth/claims.ts";
import { sessionOf } from "../auth/session.ts";
import { verifyCredential } from "../auth/verify-credential.ts";
import { publicOrigin } from "../env.ts";
import type { AppContext } from "../routes/route.ts";

interface Credential {
  readonly token: string;
  readonly kind: "bearer" | "subprotocol" | "cookie";
}

function credentialOf(c: Context): Credential | undefined {
  const authorization = c.req.header("authorization");
  if (authorization !== undefined) {
    const [, token] = /^Bearer ([\w.~+/=-]+)$/i.exec(authorization) ?? [];
    return { token: token ?? "", kind: "bearer" };
  }
  const offered = c.req.header("sec-websocket-protocol")?.split(",") ?? [];
  const bearer = offered.map((name) => name.trim()).find((name) => name.startsWith(bearerSubprotocolPrefix));
  if (bearer !== undefined)
    return { token: bearer.slice(bearerSubprotocolPrefix.length), kind: "subprotocol" };
  const cookie = sessionOf(c);
  return cookie === undefined ? undefined : { token: cookie, kind: "cookie" };
}

/** Finds out who asks, from the credential alone. */
export async function authenticate(c: AppContext): Promise<Result<Principal>> {
  const credential = credentialOf(c);
  if (!credential) return refuse("unauthenticated", "This needs a credential.");
  const verified = await verifyCredential(c.env, credential.token);
  if (!verified.ok) return verified;
  const { use } = verified.value;
  if (credential.kind === "cookie") {
    if (use !== "session") return refuse("unauthenticated", "The cookie holds no session.");
    if (!isOwnOrigin(c))
      return refuse("origin_refused", "A session works from the dashboard's own pages only.");
    return accept(verified.value);
  }
  const isUpgrade = credential.kind === "subprotocol" && c.req.header("upgrade") !== undefined;
  const isGood = use === "access" || (use === "ticket" && isUpgrade);
  return isGood ? verified : refuse("unauthenticated", "That credential does not open this.");
}

/** A browser names the origin on every upgrade and on everything that changes something. */
function isOwnOrigin(c: AppContext): boolean {
  const origin = c.req.header("origin");
  const isUpgrade = c.req.header("upgrade") !== undefined;
  const isRead = c.req.method === "GET" || c.req.method === "HEAD";
  if (origin === undefined) return isRead && !isUpgrade;
  return origin === publicOrigin(c.env, c.req.url);
}
