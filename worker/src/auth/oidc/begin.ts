import * as oauth from "oauth4webapi";
import type { OidcConfig } from "./config.ts";
import type { PendingLogin } from "./pending-login.ts";
import { discover } from "./provider.ts";

/**
 * Begins a login: where the browser is sent, and what it has to keep meanwhile.
 * @param isAgain who is logged in at the provider was of no use: let them be another
 * @throws when the provider does not answer
 */
export async function beginLogin(
  config: OidcConfig,
  redirectUri: string,
  next: string,
  isAgain = false,
): Promise<{ readonly url: URL; readonly pending: PendingLogin }> {
  const { authorization_endpoint: endpoint, prompt_values_supported: prompts } = await discover(config);
  if (endpoint === undefined) throw new Error("The provider has no authorization endpoint.");
  const canChoose = Array.isArray(prompts) && prompts.includes("select_account");
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
    ...(isAgain && { prompt: canChoose ? "select_account" : "login" }),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return { url, pending };
}
