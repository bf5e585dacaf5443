import { limits } from "@cell-monitor/protocol";
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { publicOrigin } from "../env.ts";
import type { AppContext } from "../routes/route.ts";
import type { NewToken, Principal } from "./claims.ts";
import { signToken } from "./tokens.ts";

function cookieFor(c: Context, name: string) {
  const isSecure = publicOrigin(c.env, c.req.url).startsWith("https:");
  // With the prefix a browser takes the cookie from this very host over TLS alone: no neighbour can plant one.
  return {
    name: isSecure ? `__Host-${name}` : name,
    options: { path: "/", httpOnly: true, sameSite: "Strict", secure: isSecure } as const,
  };
}

/** The token of a browser's session, if it brings one. */
export function sessionOf(c: Context): string | undefined {
  return getCookie(c, cookieFor(c, "cell_monitor_session").name);
}

/**
 * Opens a session in this browser, or makes the one it has anew.
 * @param untilMs when it ends; Unix ms
 */
export async function openSession(
  c: AppContext,
  claims: Omit<NewToken, "use">,
  untilMs = Date.now() + limits.webSessionMs,
): Promise<void> {
  const token = await signToken(c.env, { ...claims, use: "session" }, untilMs);
  const { name, options } = cookieFor(c, "cell_monitor_session");
  setCookie(c, name, token, { ...options, maxAge: Math.max(0, Math.round((untilMs - Date.now()) / 1000)) });
}

export function closeSession(c: AppContext): void {
  const { name, options } = cookieFor(c, "cell_monitor_session");
  deleteCookie(c, name, options);
}

/** What a browser keeps while its user is at the provider: it has to come along when they return from there. */
export const pendingLoginCookie = {
  read: (c: AppContext) => getCookie(c, cookieFor(c, "cell_monitor_login").name),
  keep(c: AppContext, value: string, maxAgeMs: number): void {
    const { name, options } = cookieFor(c, "cell_monitor_login");
    setCookie(c, name, value, { ...options, sameSite: "Lax", maxAge: maxAgeMs / 1000 });
  },
  drop(c: AppContext): void {
    const { name, options } = cookieFor(c, "cell_monitor_login");
    deleteCookie(c, name, { ...options, sameSite: "Lax" });
  },
};

/** When a session that is made anew ends: later once half of it is over, but not for ever without a login. */
export function renewedUntilMs({ exp, since, iat }: Principal, nowMs: number): number {
  const endMs = exp * 1000;
  if (endMs - nowMs > limits.webSessionMs / 2) return endMs;
  return Math.min(nowMs + limits.webSessionMs, (since ?? iat) * 1000 + limits.webSessionLongestMs);
}
