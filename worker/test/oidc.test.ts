import { loginMethodsSchema, logoutUrlSchema, meSchema } from "@cell-monitor/protocol";
import { decodeJwt, SignJWT } from "jose";
import { describe, expect, inject, it } from "vitest";
import { call, codeOf, newClass, newInstructor, origin, read } from "./api.ts";
import { execute } from "./database.ts";
import { signingKey } from "./forge.ts";
import { callbackPath, comeBack, type Led, led, logInAtProvider, oidcEnv, start } from "./oidc.ts";
import { withSession } from "./sessions.ts";

const pendingName = "__Host-cell_monitor_login";
const sessionName = "__Host-cell_monitor_session";

async function logIn(account: string, env = oidcEnv(), next?: string): Promise<Led> {
  const begun = await start(env, next);
  const back = await logInAtProvider(begun.location, account);
  return comeBack(back.search, begun.cookies, env);
}

function failureOf({ location, cookies }: Led): string | null {
  expect(location.pathname).toBe("/login");
  expect(location.origin).toBe(origin);
  expect(cookies.get(sessionName) ?? "").toBe("");
  return location.searchParams.get("error");
}

async function meOf(answer: Led) {
  const cookie = `${sessionName}=${answer.cookies.get(sessionName) ?? ""}`;
  return read(await call("/api/v1/auth/me", { headers: { cookie } }), meSchema);
}

describe("a login at the OpenID provider", () => {
  it("begins with PKCE, state and nonce, which the browser keeps where no script and no other site's frame gets at them", async () => {
    const { location, response } = await start();
    expect(location.origin).toBe(inject("oidcIssuer"));
    expect(Object.fromEntries(location.searchParams)).toMatchObject({
      response_type: "code",
      client_id: "cell-monitor",
      redirect_uri: origin + callbackPath,
      code_challenge_method: "S256",
      scope: "openid email profile",
    });
    for (const name of ["state", "nonce", "code_challenge"]) {
      expect(location.searchParams.get(name)).toMatch(/^[\w-]{43}$/);
    }
    const [cookie = ""] = response.headers.getSetCookie();
    expect(cookie.split("; ").slice(1).sort()).toEqual([
      "HttpOnly",
      "Max-Age=600",
      "Path=/",
      "SameSite=Lax",
      "Secure",
    ]);
    expect(response.headers.get("referrer-policy")).toBe("no-referrer");
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  it("asks who it is, where somebody is logged in at the provider who is of no use here", async () => {
    const { location } = led(await call("/api/v1/auth/oidc/start?again=true", { env: oidcEnv() }));
    expect(location.searchParams.get("prompt")).toBe("login");
    expect((await start()).location.searchParams.has("prompt")).toBe(false);
  });

  it("is another one each time", async () => {
    const [one, two] = await Promise.all([start(), start()]);
    for (const name of ["state", "nonce", "code_challenge"]) {
      expect(one.location.searchParams.get(name)).not.toBe(two.location.searchParams.get(name));
    }
  });

  it("opens the session of the instructor who was invited by that address, and leads where they wanted to go", async () => {
    const made = await newClass();
    const { email } = await newInstructor(made);
    const next = `/class/${made.class.id}`;
    const answer = await logIn(email.toUpperCase(), oidcEnv(), next);
    expect(answer.location.href).toBe(origin + next);
    expect(answer.cookies.get(pendingName)).toBe("");
    expect(await meOf(answer)).toMatchObject({
      role: "instructor",
      login: "oidc",
      classes: [{ id: made.class.id }],
    });
  });

  it("works with a public client, which PKCE alone protects", async () => {
    const { email } = await newInstructor(await newClass());
    const { OIDC_CLIENT_SECRET: _, ...env } = oidcEnv({ OIDC_CLIENT_ID: "public" });
    expect((await logIn(email, env)).location.pathname).toBe("/");
  });

  it("knows a person by the provider's subject from then on, whatever becomes of their address", async () => {
    const made = await newClass();
    const { email } = await newInstructor(made);
    const subject = crypto.randomUUID();
    expect((await logIn(`${email};sub=${subject}`)).location.pathname).toBe("/");
    const later = await logIn(`elsewhere@class.example;sub=${subject};unverified`);
    expect(await meOf(later)).toMatchObject({ classes: [{ id: made.class.id }] });
  });

  it("lets nobody in who got the address of somebody that is known already", async () => {
    const { email } = await newInstructor(await newClass());
    await logIn(`${email};sub=first`);
    expect(failureOf(await logIn(`${email};sub=second`))).toBe("other_account");
  });

  it.for([
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "/login",
    "/class/../../x",
    "javascript:1",
  ])("leads nowhere but to our own pages: not to %s", async (next) => {
    const { email } = await newInstructor(await newClass());
    expect((await logIn(email, oidcEnv(), next)).location.href).toBe(`${origin}/`);
  });
});

describe("a login is refused, and the login page told why,", () => {
  it("for an address that the provider has not verified", async () => {
    const { email } = await newInstructor(await newClass());
    expect(failureOf(await logIn(`${email};unverified`))).toBe("unverified_email");
    expect(failureOf(await logIn(`${email};silent`))).toBe("unverified_email");
  });

  it("but not where the deployment trusts the provider's addresses, unless it says that one isn't verified", async () => {
    const { email } = await newInstructor(await newClass());
    const env = oidcEnv({ OIDC_TRUST_EMAIL: "true" });
    expect(failureOf(await logIn(`${email};unverified`, env))).toBe("unverified_email");
    expect((await logIn(`${email};silent`, env)).location.pathname).toBe("/");
  });

  it("for a person whom nobody invited", async () => {
    expect(failureOf(await logIn("stranger@class.example"))).toBe("unknown_person");
  });

  it("where the state is another's", async () => {
    const { email } = await newInstructor(await newClass());
    const begun = await start();
    const back = await logInAtProvider(begun.location, email);
    back.searchParams.set("state", "x".repeat(43));
    expect(failureOf(await comeBack(back.search, begun.cookies))).toBe("invalid");
  });

  it("where the answer is to a login that another browser began", async () => {
    const { email } = await newInstructor(await newClass());
    const mine = await start();
    const theirs = await logInAtProvider((await start()).location, email);
    expect(failureOf(await comeBack(theirs.search, mine.cookies))).toBe("invalid");
    expect(failureOf(await comeBack(theirs.search))).toBe("expired");
  });

  it("where the cookie was tampered with, or is of another kind", async () => {
    const { email } = await newInstructor(await newClass());
    const begun = await start();
    const back = await logInAtProvider(begun.location, email);
    const cookie = begun.cookies.get(pendingName) ?? "";
    const session = (await logIn(email)).cookies.get(sessionName) ?? "";
    for (const value of [`${cookie.slice(0, -4)}AAAA`, "garbage", session]) {
      expect(failureOf(await comeBack(back.search, new Map([[pendingName, value]])))).toBe("expired");
    }
  });

  it("where the identity was made for another request: its nonce is not ours", async () => {
    const { email } = await newInstructor(await newClass());
    const begun = await start();
    const back = await logInAtProvider(begun.location, email);
    const claims = decodeJwt(begun.cookies.get(pendingName) ?? "");
    const forged = await signedLike(claims, { nonce: "n".repeat(43) });
    expect(failureOf(await comeBack(back.search, new Map([[pendingName, forged]])))).toBe("invalid");
  });

  it("where the code is shown with another's proof key", async () => {
    const { email } = await newInstructor(await newClass());
    const begun = await start();
    const back = await logInAtProvider(begun.location, email);
    const claims = decodeJwt(begun.cookies.get(pendingName) ?? "");
    const forged = await signedLike(claims, { verifier: "v".repeat(43) });
    expect(failureOf(await comeBack(back.search, new Map([[pendingName, forged]])))).toBe("invalid");
  });

  it("where the code was used before", async () => {
    const { email } = await newInstructor(await newClass());
    const begun = await start();
    const back = await logInAtProvider(begun.location, email);
    expect((await comeBack(back.search, begun.cookies)).location.pathname).toBe("/");
    expect(failureOf(await comeBack(back.search, begun.cookies))).toBe("invalid");
  });

  it("where the answer names another issuer, so that two providers cannot be mixed up", async () => {
    const { email } = await newInstructor(await newClass());
    for (const change of [
      (query: URLSearchParams) => query.set("iss", "https://evil.example"),
      (query: URLSearchParams) => query.delete("iss"),
    ]) {
      const begun = await start();
      const back = await logInAtProvider(begun.location, email);
      change(back.searchParams);
      expect(failureOf(await comeBack(back.search, begun.cookies))).toBe("invalid");
    }
  });

  it("where a parameter of the answer comes twice, or the code is missing or made up", async () => {
    const { email } = await newInstructor(await newClass());
    const begun = await start();
    const back = await logInAtProvider(begun.location, email);
    const state = back.searchParams.get("state") ?? "";
    const iss = encodeURIComponent(inject("oidcIssuer"));
    for (const search of [
      `${back.search}&code=other`,
      `${back.search}&state=${state}`,
      `?state=${state}&iss=${iss}`,
      `?code=made-up&state=${state}&iss=${iss}`,
    ]) {
      expect(failureOf(await comeBack(search, begun.cookies))).toBe("invalid");
    }
  });

  it("where the person declined at the provider", async () => {
    const begun = await start();
    const state = begun.location.searchParams.get("state") ?? "";
    const search = new URLSearchParams({ error: "access_denied", state, iss: inject("oidcIssuer") });
    expect(failureOf(await comeBack(`?${search.toString()}`, begun.cookies))).toBe("cancelled");
  });

  it("where the provider does not answer, is another than it should be, or does not know us", async () => {
    for (const OIDC_ISSUER of [
      "http://127.0.0.1:9",
      `${inject("oidcIssuer")}/elsewhere`,
      "http://class.example",
    ]) {
      expect(failureOf(await start(oidcEnv({ OIDC_ISSUER })))).toBe("unavailable");
    }
    const { email } = await newInstructor(await newClass());
    const begun = await start();
    const back = await logInAtProvider(begun.location, email);
    const env = oidcEnv({ OIDC_CLIENT_SECRET: "wrong" });
    expect(failureOf(await comeBack(back.search, begun.cookies, env))).toBe("unavailable");
  });

  it("where there is no provider", async () => {
    expect(failureOf(led(await call("/api/v1/auth/oidc/start")))).toBe("not_set_up");
    expect(failureOf(led(await call(callbackPath)))).toBe("not_set_up");
  });

  it("and the page wanted is not forgotten", async () => {
    const next = "/class/some-class";
    expect((await logIn("stranger@class.example", oidcEnv(), next)).location.searchParams.get("next")).toBe(
      next,
    );
  });
});

describe("an administrator", () => {
  it.for([
    ["address", (email: string) => ({ OIDC_ADMINS: `other@class.example, ${email.toUpperCase()}` }), ""],
    ["subject", () => ({ OIDC_ADMINS: "the-boss" }), ";sub=the-boss"],
    ["claim", () => ({ OIDC_ADMIN_CLAIM: "groups=course admins" }), ";groups=staff+course admins"],
  ] as const)("is named by %s, and need not be invited", async ([, settings, marks]) => {
    const email = `${crypto.randomUUID()}@class.example`;
    const answer = await logIn(email + marks, oidcEnv(settings(email)));
    expect(await meOf(answer)).toMatchObject({ role: "admin", login: "oidc" });
    await execute("DELETE FROM instructors WHERE email = $1", [email]);
  });

  it("is none without that, or with an address that is not verified", async () => {
    const { email } = await newInstructor(await newClass());
    expect(
      await meOf(await logIn(`${email};groups=staff`, oidcEnv({ OIDC_ADMIN_CLAIM: "groups=admins" }))),
    ).toMatchObject({
      role: "instructor",
    });
    const unverified = `${crypto.randomUUID()}@class.example`;
    expect(failureOf(await logIn(`${unverified};unverified`, oidcEnv({ OIDC_ADMINS: unverified })))).toBe(
      "unverified_email",
    );
  });

  it("once revoked is let into no class, though they have logged in as something less since", async () => {
    const [made, other] = [await newClass(), await newClass()];
    const { id, email } = await newInstructor(made);
    const first = await logIn(email, oidcEnv({ OIDC_ADMINS: email }));
    const session = first.cookies.get(sessionName) ?? "";
    const help = `/api/v1/classes/${other.class.id}/help`;
    expect((await withSession(session, help)).status).toBe(200);
    expect(await meOf(await logIn(email))).toMatchObject({ role: "instructor" });
    await call(`/api/v1/instructors/${id}/revoke`, { method: "POST", token: made.admin });
    expect(await codeOf(await withSession(session, help))).toBe("token_revoked");
  });

  it("is one until the next login only", async () => {
    const { email } = await newInstructor(await newClass());
    expect(await meOf(await logIn(email, oidcEnv({ OIDC_ADMINS: email })))).toMatchObject({ role: "admin" });
    expect(await meOf(await logIn(email))).toMatchObject({ role: "instructor" });
  });
});

describe("the way out", () => {
  it("leads to where the provider ends its own session", async () => {
    const { email } = await newInstructor(await newClass());
    const answer = await logIn(email);
    const cookie = `${sessionName}=${answer.cookies.get(sessionName) ?? ""}`;
    const response = await call("/api/v1/auth/oidc/logout", {
      method: "POST",
      headers: { cookie, origin },
      env: oidcEnv(),
    });
    expect(response.headers.get("set-cookie")).toMatch(/^__Host-cell_monitor_session=; Max-Age=0;/);
    const { logoutUrl } = await read(response, logoutUrlSchema);
    expect(logoutUrl).toContain(
      `${inject("oidcIssuer")}/session/end?client_id=cell-monitor&post_logout_redirect_uri=`,
    );
  });

  it("is not taken for another site's page", async () => {
    const { email } = await newInstructor(await newClass());
    const answer = await logIn(email);
    const cookie = `${sessionName}=${answer.cookies.get(sessionName) ?? ""}`;
    const headers = { cookie, origin: "https://evil.example" };
    expect(await codeOf(await call("/api/v1/auth/oidc/logout", { method: "POST", headers }))).toBe(
      "origin_refused",
    );
  });
});

it("the login page learns of the provider, and of its absence", async () => {
  const told = async (env = {}) => read(await call("/api/v1/auth/methods", { env }), loginMethodsSchema);
  expect(await told()).toEqual({ loginLink: true, oidc: null });
  expect(await told(oidcEnv())).toEqual({ loginLink: true, oidc: { name: null } });
  expect(await told(oidcEnv({ OIDC_NAME: "Example University" }))).toEqual({
    loginLink: true,
    oidc: { name: "Example University" },
  });
});

/** The pending login's cookie with a claim changed, as who has our signing key would make it. */
function signedLike(claims: object, change: object): Promise<string> {
  return new SignJWT({ ...claims, ...change })
    .setProtectedHeader({ alg: "HS256", kid: "test", typ: "JWT" })
    .sign(signingKey());
}
