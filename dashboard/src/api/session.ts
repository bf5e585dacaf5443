import { type ClassResponse, classResponseSchema, type Me, meSchema } from "@cell-monitor/protocol";
import * as v from "valibot";
import { type ApiAnswer, callApi } from "./client.ts";

export function getMe(): Promise<ApiAnswer<Me>> {
  return callApi(meSchema, "/auth/me");
}

/** Trades the secret of a login link for a session; the link is spent with that. */
export function redeemLoginLink(secret: string): Promise<ApiAnswer<Me>> {
  return callApi(meSchema, "/auth/login-link/redeem", { method: "POST", body: { secret } });
}

export function logOut(): Promise<ApiAnswer<unknown>> {
  return callApi(v.unknown(), "/auth/logout", { method: "POST" });
}

export function getClasses(): Promise<ApiAnswer<ClassResponse[]>> {
  return callApi(v.array(classResponseSchema), "/classes");
}
