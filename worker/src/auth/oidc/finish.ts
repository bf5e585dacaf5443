import * as oauth from "oauth4webapi";
import * as v from "valibot";
import type { OidcConfig } from "./config.ts";
import type { PendingLogin } from "./pending-login.ts";
import { authenticationOf, clientOf, discover, requestOptions } from "./provider.ts";

/** Who the provider says it is. */
export interface Identity {
  readonly issuer: string;
  readonly subject: string;
  /** Only where the provider has seen to it that it is theirs; lower case. */
  readonly verifiedEmail: string | undefined;
  readonly name: string | undefined;
  readonly isAdmin: boolean;
}

const profileSchema = v.looseObject({
  email: v.optional(v.pipe(v.string(), v.trim(), v.toLowerCase(), v.email())),
  // Some send it as text.
  email_verified: v.optional(v.union([v.boolean(), v.string()])),
  name: v.optional(v.string()),
});
type Profile = v.InferOutput<typeof profileSchema>;

/**
 * Trades the code of an answer for an identity: the answer's state and issuer, the token's signature, issuer, audience,
 * time and nonce are all held against what this login was begun with.
 * @throws what the library says of an answer that is not right, or of a provider that does not answer
 */
export async function finishLogin(
  config: OidcConfig,
  answer: URL,
  redirectUri: string,
  pending: PendingLogin,
): Promise<Identity> {
  const server = await discover(config);
  const client = clientOf(config);
  const parameters = oauth.validateAuthResponse(server, client, answer, pending.state);
  const authentication = authenticationOf(config, server);
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    authentication,
    parameters,
    redirectUri,
    pending.verifier,
    requestOptions(config),
  );
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
    expectedNonce: pending.nonce,
    requireIdToken: true,
  });
  await oauth.validateApplicationLevelSignature(server, response, requestOptions(config));
  const claims = oauth.getValidatedIdTokenClaims(tokens);
  if (!claims) throw new Error("The provider has sent no identity.");
  const profile = await profileOf(config, server, tokens.access_token, claims);
  return {
    issuer: claims.iss,
    subject: claims.sub,
    verifiedEmail: isVerified(profile, config) ? profile.email : undefined,
    name: profile.name,
    isAdmin: isAdmin(config, claims.sub, profile),
  };
}

/** Providers may keep all but the subject to their endpoint for profiles. */
async function profileOf(
  config: OidcConfig,
  server: oauth.AuthorizationServer,
  accessToken: string,
  claims: oauth.IDToken,
): Promise<Profile> {
  if (claims["email"] !== undefined || server.userinfo_endpoint === undefined)
    return v.parse(profileSchema, claims);
  const client = clientOf(config);
  const response = await oauth.userInfoRequest(server, client, accessToken, requestOptions(config));
  const told = await oauth.processUserInfoResponse(server, client, claims.sub, response);
  return v.parse(profileSchema, { ...claims, ...told });
}

function isVerified({ email_verified: verified }: Profile, { trustsEmail }: OidcConfig): boolean {
  return verified === true || verified === "true" || (verified === undefined && trustsEmail);
}

function isAdmin(config: OidcConfig, subject: string, profile: Profile): boolean {
  const { admins, adminClaim } = config;
  if (admins.has(subject.toLowerCase())) return true;
  if (profile.email !== undefined && isVerified(profile, config) && admins.has(profile.email)) return true;
  if (adminClaim === undefined || !Object.hasOwn(profile, adminClaim.name)) return false;
  const value = profile[adminClaim.name];
  return Array.isArray(value) ? value.includes(adminClaim.value) : value === adminClaim.value;
}
