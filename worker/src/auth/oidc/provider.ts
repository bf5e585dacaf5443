import * as oauth from "oauth4webapi";
import type { OidcConfig } from "./config.ts";

const timeoutMs = 8_000;
const keptMs = 10 * 60 * 1000;

let known:
  | { readonly issuer: string; readonly untilMs: number; readonly server: oauth.AuthorizationServer }
  | undefined;

/** What the provider says of itself. @throws when it does not answer, or is another than was asked for */
export async function discover(config: OidcConfig): Promise<oauth.AuthorizationServer> {
  const { issuer } = config;
  if (known?.issuer === issuer.href && known.untilMs > Date.now()) return known.server;
  const response = await oauth.discoveryRequest(issuer, requestOptions(config));
  const server = await oauth.processDiscoveryResponse(issuer, response);
  known = { issuer: issuer.href, untilMs: Date.now() + keptMs, server };
  return server;
}

export function clientOf({ clientId }: OidcConfig): oauth.Client {
  return { client_id: clientId };
}

/** How we show the provider who we are. */
export function authenticationOf(
  { clientSecret }: OidcConfig,
  { token_endpoint_auth_methods_supported: methods }: oauth.AuthorizationServer,
): oauth.ClientAuth {
  if (clientSecret === undefined) return oauth.None();
  // Where a provider names no method it takes the first; some take the second alone.
  const takesBasic = methods === undefined || methods.includes("client_secret_basic");
  return takesBasic ? oauth.ClientSecretBasic(clientSecret) : oauth.ClientSecretPost(clientSecret);
}

/** Plain HTTP is for a provider on this machine, as tests run one. */
export function requestOptions({ issuer }: OidcConfig) {
  const isLocal = issuer.protocol === "http:" && /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(issuer.hostname);
  return { signal: AbortSignal.timeout(timeoutMs), [oauth.allowInsecureRequests]: isLocal };
}
