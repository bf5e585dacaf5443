import { accept, loginMethodsSchema, logoutUrlSchema } from "@cell-monitor/protocol";
import * as v from "valibot";
import { beginLogin } from "../auth/oidc/begin.ts";
import { type OidcConfig, oidcConfig } from "../auth/oidc/config.ts";
import { failureOf, type LoginFailure } from "../auth/oidc/failure.ts";
import { finishLogin } from "../auth/oidc/finish.ts";
import { logIn } from "../auth/oidc/log-in.ts";
import { pendingLoginMs, readPending, signPending } from "../auth/oidc/pending-login.ts";
import { logoutUrl } from "../auth/oidc/log-out.ts";
import { personClaims } from "../auth/person.ts";
import { closeSession, openSession, pendingLoginCookie } from "../auth/session.ts";
import { publicOrigin } from "../env.ts";
import { warn } from "../log.ts";
import { answered } from "./answer.ts";
import { defineOpenRoute, defineRoute } from "./define-route.ts";
import type { AppContext, Route } from "./route.ts";

const callbackPath = "/api/v1/auth/oidc/callback";

function redirectUri(c: AppContext): string {
  return publicOrigin(c.env, c.req.url) + callbackPath;
}

/** A redirect that tells the next page nothing of this one's address, which holds a code. */
function leadTo(c: AppContext, url: string): Response {
  c.header("referrer-policy", "no-referrer");
  return c.redirect(url, 302);
}

function backToLogin(c: AppContext, failure: LoginFailure, next = "/"): Response {
  pendingLoginCookie.drop(c);
  const query = new URLSearchParams({ error: failure, ...(next !== "/" && { next }) });
  return leadTo(c, `${publicOrigin(c.env, c.req.url)}/login?${query.toString()}`);
}

/** Only a page of ours: who makes a link must not choose where its reader ends up. */
function safeNext(next: string | undefined): string {
  return next !== undefined && /^\/class\/[\w-]+(?:\/[\w/-]*)?$/.test(next) ? next : "/";
}

const faultSchema = v.object({ name: v.string(), message: v.string(), code: v.optional(v.string()) });

/** What is not the person's doing is for who runs the deployment; the flow's secrets are in none of it. */
function note(step: string, error: unknown): void {
  const parsed = v.safeParse(faultSchema, error);
  const fault = parsed.success ? parsed.output : { name: "", message: String(error) };
  warn("oidc_failed", { step, fault });
}

const methods = defineOpenRoute({
  method: "get",
  path: "/api/v1/auth/methods",
  tag: "auth",
  summary: "The ways in which people can log in",
  policy: { kind: "public", because: "it tells what the login page shows to everybody" },
  answer: { status: 200, schema: loginMethodsSchema },
  handle({ env }) {
    const config = oidcConfig(env);
    return accept(answered({ loginLink: true, oidc: config ? { name: config.name ?? null } : null }));
  },
});

const start = defineOpenRoute({
  method: "get",
  path: "/api/v1/auth/oidc/start",
  tag: "auth",
  summary: "Begin a login at the OpenID provider",
  policy: { kind: "public", because: "it leads to where people show who they are" },
  query: v.object({
    next: v.optional(v.string()),
    /** Whether the provider is to ask who it is, though somebody is logged in there. */
    again: v.optional(v.picklist(["true", "false"]), "false"),
  }),
  answer: { status: 302 },
  async handle({ c, env, query }) {
    const next = safeNext(query.next);
    const config = oidcConfig(env);
    if (!config) return backToLogin(c, "not_set_up", next);
    try {
      const { url, pending } = await beginLogin(config, redirectUri(c), next, query.again === "true");
      pendingLoginCookie.keep(c, await signPending(env, pending), pendingLoginMs);
      return leadTo(c, url.href);
    } catch (error) {
      note("start", error);
      return backToLogin(c, "unavailable", next);
    }
  },
});

async function callBack(c: AppContext, config: OidcConfig): Promise<Response> {
  const cookie = pendingLoginCookie.read(c);
  const pending = cookie === undefined ? undefined : await readPending(c.env, cookie);
  if (!pending?.ok) return backToLogin(c, "expired");
  const { next } = pending.value;
  let identity;
  try {
    identity = await finishLogin(config, new URL(c.req.url), redirectUri(c), pending.value);
  } catch (error) {
    note("callback", error);
    return backToLogin(c, failureOf(error), next);
  }
  // As old as the question: what is revoked while it is answered is void with the rest.
  const askedS = Date.now() / 1000;
  const loggedIn = await logIn(c.env, identity);
  if (!loggedIn.ok) return backToLogin(c, loggedIn.failure, next);
  pendingLoginCookie.drop(c);
  const claims = { ...personClaims(loggedIn.person), idp: identity.issuer };
  await openSession(c, { ...claims, since: askedS, iat: askedS });
  return leadTo(c, publicOrigin(c.env, c.req.url) + next);
}

const callback = defineOpenRoute({
  method: "get",
  path: callbackPath,
  tag: "auth",
  summary: "Where the OpenID provider sends the browser back to",
  policy: {
    kind: "public",
    because: "the provider's code, and the cookie of who asked for it, are the credential",
  },
  answer: { status: 302 },
  handle({ c, env }) {
    const config = oidcConfig(env);
    return config ? callBack(c, config) : backToLogin(c, "not_set_up");
  },
});

const logout = defineRoute({
  method: "post",
  path: "/api/v1/auth/oidc/logout",
  tag: "auth",
  summary: "End this browser's session, and learn where it is ended at the provider",
  description: "On a computer that others use too, the provider's own session would let the next one in.",
  policy: { kind: "roles", roles: ["instructor", "ta", "admin", "researcher"] },
  answer: { status: 200, schema: logoutUrlSchema },
  async handle({ c, env, who }) {
    closeSession(c);
    const config = oidcConfig(env);
    if (!config || who.idp === undefined) return accept(answered({ logoutUrl: null }));
    try {
      const url = await logoutUrl(config, `${publicOrigin(env, c.req.url)}/login`);
      return accept(answered({ logoutUrl: url?.href ?? null }));
    } catch (error) {
      note("logout", error);
      return accept(answered({ logoutUrl: null }));
    }
  },
});

export const oidcRoutes: readonly Route[] = [methods, start, callback, logout];
