import type { OidcConfig } from "./config.ts";
import { discover } from "./provider.ts";

/** Where the provider ends its own session, and sends the browser back from; undefined where it has no such place. */
export async function logoutUrl(config: OidcConfig, returnTo: string): Promise<URL | undefined> {
  const { end_session_endpoint: endpoint } = await discover(config);
  if (endpoint === undefined) return undefined;
  const url = new URL(endpoint);
  url.searchParams.set("client_id", config.clientId);
  url.searchParams.set("post_logout_redirect_uri", returnTo);
  return url;
}
