import { inject } from "vitest";
import type { Env } from "../src/env.ts";
import { call } from "./api.ts";

export const callbackPath = "/api/v1/auth/oidc/callback";

export function oidcEnv(over: Partial<Env> = {}): Partial<Env> {
  return {
    OIDC_ISSUER: inject("oidcIssuer"),
    OIDC_CLIENT_ID: "cell-monitor",
    OIDC_CLIENT_SECRET: "s".repeat(43),
    ...over,
  };
}

/** Where an answer leads, and the cookies that it sets or drops. */
export interface Led {
  readonly location: URL;
  readonly cookies: ReadonlyMap<string, string>;
  readonly response: Response;
}

export function led(response: Response): Led {
  const location = response.headers.get("location");
  if (response.status !== 302 || location === null) throw new Error(`${response.status}, and leads nowhere`);
  const cookies = response.headers.getSetCookie().map((cookie): [string, string] => {
    const [pair = ""] = cookie.split(";");
    return [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)];
  });
  return { location: new URL(location), cookies: new Map(cookies), response };
}

export async function start(env = oidcEnv(), next?: string): Promise<Led> {
  const query = next === undefined ? "" : `?next=${encodeURIComponent(next)}`;
  return led(await call(`/api/v1/auth/oidc/start${query}`, { env }));
}

/** Comes back from the provider, as the browser that began the login or as another. */
export async function comeBack(
  search: string,
  cookies?: ReadonlyMap<string, string>,
  env = oidcEnv(),
): Promise<Led> {
  const cookie = Array.from(cookies ?? [], ([name, value]) => `${name}=${value}`).join("; ");
  return led(await call(callbackPath + search, { env, headers: cookie === "" ? {} : { cookie } }));
}

/** Logs in at the provider and agrees to everything, as a browser would: follows it until it leads back to us. */
export async function logInAtProvider(url: URL, account: string): Promise<URL> {
  const named = new URL(`/${encodeURIComponent(account)}`, url);
  const login = await (await fetch(named, { method: "PUT" })).text();
  const jar = new Map<string, string>();
  let at = url;
  let form: URLSearchParams | undefined;
  for (let step = 0; step < 12; step += 1) {
    const response = await fetch(at, {
      redirect: "manual",
      headers: { cookie: Array.from(jar, ([name, value]) => `${name}=${value}`).join("; ") },
      ...(form !== undefined && { method: "POST", body: form }),
    });
    for (const [name, value] of cookiesOf(response)) jar.set(name, value);
    form = undefined;
    const location = response.headers.get("location");
    const page = await response.text();
    if (location !== null) {
      at = new URL(location, at);
      if (at.pathname === callbackPath) return at;
    } else {
      const [, action = ""] = /<form[^>]*action="([^"]+)"/.exec(page) ?? [];
      const [, prompt = ""] = /name="prompt" value="(\w+)"/.exec(page) ?? [];
      if (action === "") throw new Error(`The provider shows no form: ${page.slice(0, 500)}`);
      at = new URL(action, at);
      form = new URLSearchParams(prompt === "login" ? { prompt, login, password: "x" } : { prompt });
    }
  }
  throw new Error("The provider leads nowhere.");
}

function cookiesOf(response: Response): [string, string][] {
  return response.headers.getSetCookie().map((cookie) => {
    const [pair = ""] = cookie.split(";");
    return [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)];
  });
}
