import type { Env } from "../../env.ts";

/** The provider that vouches for who teaches and administers. */
export interface OidcConfig {
  readonly issuer: URL;
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  readonly scopes: string;
  /** What the button calls it. */
  readonly name: string | undefined;
  /** Addresses and subjects of administrators, in lower case. */
  readonly admins: ReadonlySet<string>;
  /** A claim, and the value in it that makes an administrator. */
  readonly adminClaim: { readonly name: string; readonly value: string } | undefined;
  /** The provider knows only addresses that are its own to give, and does not say that they are verified. */
  readonly trustsEmail: boolean;
}

/** Undefined where people log in by links alone. */
export function oidcConfig(env: Env): OidcConfig | undefined {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId } = env;
  if (issuer === undefined || clientId === undefined || !URL.canParse(issuer)) return undefined;
  const [claim = "", ...value] = (env.OIDC_ADMIN_CLAIM ?? "").split("=");
  return {
    issuer: new URL(issuer),
    clientId,
    clientSecret: env.OIDC_CLIENT_SECRET,
    scopes: env.OIDC_SCOPES ?? "openid email profile",
    name: env.OIDC_NAME,
    admins: new Set(
      (env.OIDC_ADMINS ?? "")
        .toLowerCase()
        .split(/[\s,]+/)
        .filter(Boolean),
    ),
    adminClaim: value.length > 0 ? { name: claim, value: value.join("=") } : undefined,
    trustsEmail: env.OIDC_TRUST_EMAIL === "true",
  };
}
