import {
  adminTokenRequestSchema,
  limits,
  type Me,
  redeemRequestSchema,
  refusalResponse,
  refuse,
} from "@cell-monitor/protocol";
import { deleteCookie, setCookie } from "hono/cookie";
import type { Principal } from "../auth/claims.ts";
import { hashSecret, isSameSecret } from "../auth/secrets.ts";
import { signToken } from "../auth/tokens.ts";
import { publicOrigin } from "../env.ts";
import { sessionCookie } from "../middleware/authenticate.ts";
import { readBody } from "../middleware/read-body.ts";
import { listClasses } from "../queries/classes.ts";
import { redeemLoginLink } from "../queries/people.ts";
import type { AppContext, Route } from "./route.ts";

const adminTokenMs = 24 * 60 * 60 * 1000;

async function meOf(c: AppContext, who: Pick<Principal, "role" | "name" | "cls">): Promise<Me> {
  const classes = await listClasses(c.env, who.role === "admin" ? undefined : Object.keys(who.cls));
  return {
    role: who.role,
    name: who.name ?? "",
    classes: classes.map(({ id, name, class_code }) => ({ id, name, code: class_code })),
  };
}

function cookieOptions(c: AppContext) {
  const secure = publicOrigin(c.env, c.req.url).startsWith("https:");
  return { path: "/", httpOnly: true, sameSite: "Strict", secure } as const;
}

/** Burns a login link and opens a session. Sent by a click, so that a mail scanner's visit burns nothing. */
async function redeem(c: AppContext): Promise<Response> {
  const origin = c.req.header("origin");
  if (origin !== undefined && origin !== publicOrigin(c.env, c.req.url)) {
    return refusalResponse(
      refuse("origin_refused", "A login link works on the dashboard's own page only.").refusal,
    );
  }
  const body = await readBody(c, redeemRequestSchema);
  if (!body.ok) return refusalResponse(body.refusal);
  const teacher = await redeemLoginLink(c.env, await hashSecret(body.value.secret));
  if (!teacher) {
    return refusalResponse(
      refuse("login_link_spent", "This login link was used already or has expired.").refusal,
    );
  }
  const holder = {
    use: "session" as const,
    sub: teacher.id,
    role: "instructor" as const,
    name: teacher.name,
    cls: Object.fromEntries(teacher.classes.map(({ id, key_version }) => [id, key_version])),
  };
  const token = await signToken(c.env, holder, Date.now() + limits.webSessionMs);
  setCookie(c, sessionCookie, token, { ...cookieOptions(c), maxAge: limits.webSessionMs / 1000 });
  return c.json(await meOf(c, holder));
}

function logout(c: AppContext): Response {
  deleteCookie(c, sessionCookie, cookieOptions(c));
  return c.body(null, 204);
}

/** The first admin comes from a secret of the deployment. */
async function adminToken(c: AppContext): Promise<Response> {
  const body = await readBody(c, adminTokenRequestSchema);
  if (!body.ok) return refusalResponse(body.refusal);
  if (!(await isSameSecret(body.value.adminKey, c.env.ADMIN_KEY ?? ""))) {
    return refusalResponse(refuse("unauthenticated", "That is not the admin key.").refusal);
  }
  const expiresMs = Date.now() + adminTokenMs;
  const token = await signToken(
    c.env,
    { use: "access", sub: "admin", role: "admin", cls: {}, name: "Admin" },
    expiresMs,
  );
  return c.json({ token, expiresAt: new Date(expiresMs).toISOString() });
}

export const loginRoutes: readonly Route[] = [
  {
    method: "post",
    path: "/api/v1/auth/login-link/redeem",
    policy: { kind: "public", because: "the link's secret in the body is the credential" },
    handle: redeem,
  },
  {
    method: "post",
    path: "/api/v1/auth/admin-token",
    policy: { kind: "public", because: "the admin key in the body is the credential" },
    handle: adminToken,
  },
  {
    method: "get",
    path: "/api/v1/auth/me",
    policy: { kind: "roles", roles: ["instructor", "ta", "admin"] },
    handle: async (c, who) => c.json(await meOf(c, who)),
  },
  {
    method: "post",
    path: "/api/v1/auth/logout",
    policy: { kind: "roles", roles: ["instructor", "ta", "admin"] },
    handle: logout,
  },
];
