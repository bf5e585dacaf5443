import type { ClassroomEnv, ClassroomNamespace, TestCaptureNamespace } from "@cell-monitor/durable-objects";
import { accept, refuse, type Result } from "@cell-monitor/protocol";
import * as v from "valibot";

/** Bindings, variables and secrets of the deployment. */
export interface Env extends ClassroomEnv {
  readonly CLASSROOM: ClassroomNamespace;
  readonly TEST_CAPTURE: TestCaptureNamespace;
  readonly TOKEN_KEYS?: string;
  readonly ADMIN_KEY?: string;
  /** Where browsers reach this worker, `https://…` without a path; by default, wherever they say they do. */
  readonly PUBLIC_ORIGIN?: string;
  /** Who vouches for the names that class keys bring; the same for every class of a Hub. */
  readonly IDENTITY_ISSUER?: string;
  /** The OpenID provider that those who teach and administer log in at; without one they do by links. */
  readonly OIDC_ISSUER?: string;
  readonly OIDC_CLIENT_ID?: string;
  /** Absent for a public client, which PKCE alone protects. */
  readonly OIDC_CLIENT_SECRET?: string;
  readonly OIDC_SCOPES?: string;
  /** What the login page's button calls the provider. */
  readonly OIDC_NAME?: string;
  /** Addresses or subjects of administrators, with commas between. */
  readonly OIDC_ADMINS?: string;
  /** `claim=value`: whose claim has the value, alone or in a list, is an administrator. */
  readonly OIDC_ADMIN_CLAIM?: string;
  /** `true` where the provider gives out its own addresses only and does not say that they are verified. */
  readonly OIDC_TRUST_EMAIL?: string;
  /** Opens `/metrics` to a scraper; at least 32 characters. */
  readonly METRICS_TOKEN?: string;
  /** Multiplies every quota of `limits/policy.ts`. */
  readonly LIMIT_SCALE?: string;
}

const configSchema = v.object({
  TOKEN_KEYS: v.pipe(v.string(), v.regex(/^[\w-]+:[\w-]{43,}(?:,[\w-]+:[\w-]{43,})*$/)),
  ADMIN_KEY: v.pipe(v.string(), v.minLength(32)),
  PSEUDONYM_KEY: v.pipe(v.string(), v.minLength(32)),
  DATABASE_URL: v.pipe(v.string(), v.minLength(1)),
});

/** Whether all that the worker cannot do without is there. Names what isn't; never says what is. */
export function checkConfig(env: Env): Result<true> {
  const parsed = v.safeParse(configSchema, env);
  if (parsed.success) return accept(true);
  const names = [...new Set(parsed.issues.map((issue) => v.getDotPath(issue)))].join(", ");
  return refuse("unavailable", `The deployment is not set up: ${names} missing or too weak.`, {
    retryAfterMs: 60_000,
  });
}

export function publicOrigin(env: Env, requestUrl: string): string {
  return env.PUBLIC_ORIGIN ?? new URL(requestUrl).origin;
}

/** Who vouches for the names of this deployment's students, where a credential doesn't say. */
export function identityIssuer(env: Env): string {
  return env.IDENTITY_ISSUER ?? "hub";
}
