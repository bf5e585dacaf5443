import * as oauth from "oauth4webapi";
import type { OidcConfig } from "./config.ts";
import type { PendingLogin } from "./pending-login.ts";
import { discover } from "./provider.ts";

/** Begins a login: where the browser is sent, and what it has to keep meanwhile. @throws when the provider does not answer */
export async function beginLogin(
  config: OidcConfig,
  redirectUri: string,
  next: string,
): Promise<{ readonly url: URL; readonly pending: PendingLogin }> {
  const { authorization_endpoint: endpoint } = await discover(config);
  if (endpoint === undefined) throw new Error("The provider has no authorization endpoint.");
  const pending = {
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    verifier: oauth.generateRandomCodeVerifier(),
    next,
  };
  const url = new URL(endpoint);
  const parameters = {
    client_id: config.clientId,
    redirect_uri: redirectUri,
    response_type: "code",
    scope: config.scopes,
    state: pending.state,
    nonce: pending.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(pending.verifier),
    code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return { url, pending };
}
