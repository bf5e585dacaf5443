import {
  type ClassResponse,
  classResponseSchema,
  type LoginMethods,
  loginMethodsSchema,
  logoutUrlSchema,
  type Me,
  meSchema,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import { type ApiAnswer, callApi } from "./client.ts";

export function getMe(): Promise<ApiAnswer<Me>> {
  return callApi(meSchema, "/auth/me");
}

/** Trades the secret of a login link for a session; the link is spent with that. */
export function redeemLoginLink(secret: string): Promise<ApiAnswer<Me>> {
  return callApi(meSchema, "/auth/login-link/redeem", { method: "POST", body: { secret } });
}

/** The ways in that this deployment has. */
export function getLoginMethods(): Promise<ApiAnswer<LoginMethods>> {
  return callApi(loginMethodsSchema, "/auth/methods");
}

/**
 * Where a sign-in at the institution begins; it leads back to `next`.
 * @param isAgain the institution is to ask who it is, though somebody is signed in there
 */
export function providerLoginUrl(next: string, isAgain: boolean): string {
  const query = new URLSearchParams({ next, ...(isAgain && { again: "true" }) });
  return `/api/v1/auth/oidc/start?${query.toString()}`;
}

/** Ends this browser's session. @returns where the institution's own session is ended, if there is such a place */
export async function logOut(): Promise<string | undefined> {
  const answer = await callApi(logoutUrlSchema, "/auth/oidc/logout", { method: "POST" });
  return answer.ok ? (answer.value.logoutUrl ?? undefined) : undefined;
}

/** Ends all of one's sessions, on every device. */
export function logOutEverywhere(): Promise<ApiAnswer<unknown>> {
  return callApi(v.unknown(), "/auth/logout-everywhere", { method: "POST" });
}

export function getClasses(): Promise<ApiAnswer<ClassResponse[]>> {
  return callApi(v.array(classResponseSchema), "/classes");
}
