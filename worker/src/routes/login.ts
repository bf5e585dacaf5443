import {
  accept,
  adminTokenRequestSchema,
  bearerSchema,
  type Me,
  meSchema,
  redeemRequestSchema,
  refuse,
} from "@cell-monitor/protocol";
import { adminEpoch } from "../auth/admin-epoch.ts";
import { firstAdmin, type Principal } from "../auth/claims.ts";
import { endSessions } from "../auth/end-sessions.ts";
import { personClaims } from "../auth/person.ts";
import { hashSecret, isSameSecret } from "../auth/secrets.ts";
import { renewSession } from "../auth/renew-session.ts";
import { closeSession, openSession } from "../auth/session.ts";
import { signToken } from "../auth/tokens.ts";
import { publicOrigin } from "../env.ts";
import { listClasses } from "../queries/classes.ts";
import type { Database } from "../queries/database.ts";
import { redeemLoginLink } from "../queries/login-links.ts";
import { answered } from "./answer.ts";
import { defineOpenRoute, defineRoute } from "./define-route.ts";
import type { Route } from "./route.ts";

const adminTokenMs = 24 * 60 * 60 * 1000;
const people = { kind: "roles", roles: ["instructor", "ta", "admin", "researcher"] } as const;

type Known = Pick<Principal, "sub" | "role" | "name" | "cls" | "idp"> & { readonly use: Principal["use"] };

async function meOf(db: Database, who: Known): Promise<Me> {
  const classes = await listClasses(db, who.role === "admin" ? undefined : Object.keys(who.cls));
  return {
    id: who.sub,
    role: who.role,
    name: who.name ?? "",
    classes: classes.map(({ id, name, class_code }) => ({ id, name, code: class_code })),
    ...(who.use === "session" && { login: who.idp === undefined ? "link" : "oidc" }),
  };
}

/** Sent by a click, so that a mail scanner's visit burns nothing. */
const redeem = defineOpenRoute({
  method: "post",
  path: "/api/v1/auth/login-link/redeem",
  tag: "auth",
  summary: "Burn a login link and open a session",
  policy: { kind: "public", because: "the link's secret in the body is the credential" },
  body: redeemRequestSchema,
  answer: { status: 200, schema: meSchema },
  async handle({ c, env, db, body }) {
    const origin = c.req.header("origin");
    if (origin !== undefined && origin !== publicOrigin(env, c.req.url)) {
      return refuse("origin_refused", "A login link works on the dashboard's own page only.");
    }
    // As old as the question: what is revoked while it is answered is void with the rest.
    const askedS = Date.now() / 1000;
    const teacher = await redeemLoginLink(env, await hashSecret(body.secret));
    if (!teacher) return refuse("login_link_spent", "This login link was used already or has expired.");
    const claims = personClaims(teacher);
    await openSession(c, { ...claims, since: askedS, iat: askedS });
    return accept(answered(await meOf(db, { ...claims, use: "session" })));
  },
});

const adminToken = defineOpenRoute({
  method: "post",
  path: "/api/v1/auth/admin-token",
  tag: "auth",
  summary: "The first admin's token, for the deployment's admin key",
  policy: { kind: "public", because: "the admin key in the body is the credential", wrong: "wrong_keys" },
  body: adminTokenRequestSchema,
  answer: { status: 200, schema: bearerSchema },
  async handle({ env, body }) {
    if (!(await isSameSecret(body.adminKey, env.ADMIN_KEY ?? ""))) {
      return refuse("unauthenticated", "That is not the admin key.");
    }
    const expiresMs = Date.now() + adminTokenMs;
    const epoch = await adminEpoch(env);
    const holder = { use: "access", sub: firstAdmin, role: "admin", cls: {}, name: "Admin", epoch } as const;
    const token = await signToken(env, holder, expiresMs);
    return accept(answered({ token, expiresAt: new Date(expiresMs).toISOString() }));
  },
});

const me = defineRoute({
  method: "get",
  path: "/api/v1/auth/me",
  tag: "auth",
  summary: "Who is logged in, and their classes",
  description: "Makes a session anew whose holder has gained classes since, or of which half is over.",
  policy: people,
  answer: { status: 200, schema: meSchema },
  async handle({ c, db, who }) {
    const current = who.use === "session" ? await renewSession(c, db, who) : accept(who);
    return current.ok ? accept(answered(await meOf(db, current.value))) : current;
  },
});

const logout = defineRoute({
  method: "post",
  path: "/api/v1/auth/logout",
  tag: "auth",
  summary: "End this browser's session",
  policy: people,
  answer: { status: 204 },
  handle({ c }) {
    closeSession(c);
    return accept(answered(null));
  },
});

const logoutEverywhere = defineRoute({
  method: "post",
  path: "/api/v1/auth/logout-everywhere",
  tag: "auth",
  summary: "End all one's sessions and tokens, on every device",
  policy: people,
  answer: { status: 204 },
  async handle({ c, env, db, who }) {
    if (who.sub === firstAdmin) {
      return refuse("conflict", "The first admin's tokens end when the deployment's ADMIN_KEY is changed.");
    }
    const ended = await endSessions(env, db, who.sub);
    if (!ended.ok) return ended;
    closeSession(c);
    return accept(answered(null));
  },
});

export const loginRoutes: readonly Route[] = [redeem, adminToken, me, logout, logoutEverywhere];
