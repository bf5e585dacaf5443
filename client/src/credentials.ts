import { type StudentCredential, studentCredentialSchema } from "@cell-monitor/protocol";
import { parseWith, readJson, refusalOf, retryAfterMsOf } from "./parse.ts";
import { type Platform, systemPlatform } from "./platform.ts";

/**
 * What asking for a credential came to: `refused` will stay so, `unavailable` may be asked again.
 */
export type CredentialAnswer =
  | { readonly kind: "granted"; readonly credential: StudentCredential }
  | { readonly kind: "refused"; readonly code: string; readonly message: string }
  | { readonly kind: "unavailable"; readonly message: string; readonly retryAfterMs?: number };

/** How a sender comes by its bearer token. */
export interface Credentials {
  readonly token: () => string | undefined;
  /** Gets another token after the present one was refused. Never throws. */
  readonly refresh: () => Promise<"renewed" | "refused" | "unavailable">;
}

const deadlineMs = 15_000;

/** The server's base URL, however a student typed it: with or without a path to its API. */
export function baseUrlOf(server: string): string {
  return server
    .trim()
    .replace(/\/+$/, "")
    .replace(/\/api\/v1(?:\/events)?$/, "");
}

async function ask(
  url: string,
  body: unknown,
  platform: Pick<Platform, "fetch" | "now">,
): Promise<CredentialAnswer> {
  let response: Response;
  try {
    response = await platform.fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      credentials: "omit",
      signal: AbortSignal.timeout(deadlineMs),
    });
  } catch (error) {
    return { kind: "unavailable", message: error instanceof Error ? error.message : String(error) };
  }
  const answer = await readJson(response);
  const credential = response.ok ? parseWith(studentCredentialSchema, answer) : undefined;
  if (credential) return { kind: "granted", credential };
  if (response.ok) return { kind: "unavailable", message: "The answer was not that of a class server." };
  const { code, message } = refusalOf(answer, response.status);
  if (response.status < 500 && response.status !== 429 && response.status !== 408) {
    return { kind: "refused", code, message };
  }
  const retryAfterMs = retryAfterMsOf(response.headers, platform.now());
  return { kind: "unavailable", message, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

/** Joins a class as a new student. */
export function join(
  server: string,
  joinCode: string,
  name: string,
  platform: Pick<Platform, "fetch" | "now"> = systemPlatform,
): Promise<CredentialAnswer> {
  return ask(`${baseUrlOf(server)}/api/v1/auth/join`, { joinCode, name }, platform);
}

/** A new token for one that expired. */
export function refreshToken(
  server: string,
  refreshToken: string,
  platform: Pick<Platform, "fetch" | "now"> = systemPlatform,
): Promise<CredentialAnswer> {
  return ask(`${baseUrlOf(server)}/api/v1/auth/token`, { refreshToken }, platform);
}

export interface KeptCredentialOptions {
  readonly server: string;
  readonly credential: StudentCredential;
  /** Called with each new credential, to be kept over a reload. */
  readonly onRenewed?: (credential: StudentCredential) => void;
  /** Called when the server says that the refresh token is good no more. */
  readonly onRefused?: (code: string, message: string) => void;
  readonly platform?: Pick<Platform, "fetch" | "now">;
}

/**
 * Credentials that renew themselves. They are renewed when the server refuses them, never by comparing their
 * expiry with the clock of a machine that may be a day off.
 */
export function keepCredential(options: KeptCredentialOptions): Credentials {
  const { server, onRenewed, onRefused, platform = systemPlatform } = options;
  let { credential } = options;
  let renewal: ReturnType<Credentials["refresh"]> | undefined;

  async function renew(): ReturnType<Credentials["refresh"]> {
    const answer = await refreshToken(server, credential.refreshToken, platform);
    if (answer.kind === "granted") {
      credential = answer.credential;
      onRenewed?.(credential);
      return "renewed";
    }
    if (answer.kind === "refused") onRefused?.(answer.code, answer.message);
    return answer.kind;
  }

  return {
    token: () => credential.token,
    refresh: () => {
      renewal ??= renew().finally(() => {
        renewal = undefined;
      });
      return renewal;
    },
  };
}
