import { loginLinkResponseSchema } from "@cell-monitor/protocol";
import { decodeJwt } from "jose";
import { call, origin, read, type TestClass } from "./api.ts";

export const sessionName = "__Host-cell_monitor_session";

/** A login link's secret. */
export async function newLink({ class: { id }, admin }: TestClass, instructorId: string) {
  const body = { instructor_id: instructorId };
  const made = await call(`/api/v1/classes/${id}/login-links`, { token: admin, body });
  const { url, id: linkId } = await read(made, loginLinkResponseSchema);
  return { id: linkId, secret: new URL(url).hash.slice(1) };
}

/** The session that an answer has set, or undefined where it set none. */
export function sessionIn(response: Response): string | undefined {
  const set = response.headers.getSetCookie().find((cookie) => cookie.startsWith(`${sessionName}=`));
  return set?.slice(sessionName.length + 1).split(";")[0];
}

export async function logIn(made: TestClass, instructorId: string): Promise<string> {
  const { secret } = await newLink(made, instructorId);
  const response = await call("/api/v1/auth/login-link/redeem", { body: { secret } });
  const session = sessionIn(response);
  if (session === undefined) throw new Error(`${response.status}: no session`);
  return session;
}

/** Asks as a page of ours does. */
export function withSession(session: string, path: string, method = "GET"): Promise<Response> {
  const headers = { cookie: `${sessionName}=${session}`, origin };
  return call(path, { method, headers });
}

export const claimsIn = (session: string) => decodeJwt<Record<string, unknown>>(session);
