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
  /** Whether it is time for another, so that nothing will be refused for the token's age. */
  readonly isEnding?: () => boolean;
}

const deadlineMs = 15_000;

/** The server's base URL, however a student typed it: without `https://`, or as the address of one of its pages. */
export function baseUrlOf(server: string): string {
  const address = server.trim().replace(/(?:(?<!\/)\/(?:api\/v1|class|login)(?:[/?#].*)?|[/?#]+)$/s, "");
  if (address === "" || /^https?:/i.test(address)) return address;
  // Nobody has a certificate for the machine they sit at.
  return `${/^(?:localhost|127\.|\[::1\])/i.test(address) ? "http" : "https"}://${address}`;
}

async function ask(
  server: string,
  path: string,
  body: unknown,
  platform: Pick<Platform, "fetch" | "now">,
): Promise<CredentialAnswer> {
  const baseUrl = baseUrlOf(server);
  let response: Response;
  try {
    response = await platform.fetch(`${baseUrl}/api/v1/auth/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      credentials: "omit",
      signal: AbortSignal.timeout(deadlineMs),
    });
  } catch {
    // What fetch says of it, "Failed to fetch", helps nobody.
    return { kind: "unavailable", message: `${baseUrl} cannot be reached.` };
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

/**
 * Joins a class as a new student, or as the one of before.
 * @param former what joining it gave before, to the same person
 */
export function join(
  server: string,
  joinCode: string,
  name: string,
  platform: Pick<Platform, "fetch" | "now"> = systemPlatform,
  former?: StudentCredential,
): Promise<CredentialAnswer> {
  const body = { joinCode, name, ...(former && { refreshToken: former.refreshToken }) };
  return ask(server, "join", body, platform);
}

/** A new token for one that expired. */
export function refreshToken(
  server: string,
  refreshToken: string,
  platform: Pick<Platform, "fetch" | "now"> = systemPlatform,
): Promise<CredentialAnswer> {
  return ask(server, "token", { refreshToken }, platform);
}

export interface KeptCredentialOptions {
  readonly server: string;
  readonly credential: StudentCredential;
  /** Whether it was received just now; the age of one that was kept is not known, so that it is renewed soon. */
  readonly isNew?: boolean;
  /** Called with each new credential, to be kept over a reload. */
  readonly onRenewed?: (credential: StudentCredential) => void;
  /** Called when the server says that the refresh token is good no more. */
  readonly onRefused?: (code: string, message: string) => void;
  readonly platform?: Pick<Platform, "fetch" | "now" | "elapsed">;
}

/** The part of a token's life after which it is renewed. */
const renewAfter = 0.75;
const renewAgainAfterMs = 60_000;

/** How long a token lives from when it was issued; NaN where it doesn't say. */
function lifetimeMsOf(token: string): number {
  const [, claims = ""] = token.split(".");
  try {
    const json = atob(claims.replaceAll("-", "+").replaceAll("_", "/"));
    const secondsOf = (name: string) => Number(new RegExp(`"${name}":(\\d+)`).exec(json)?.[1]);
    return (secondsOf("exp") - secondsOf("iat")) * 1000;
  } catch {
    return Number.NaN;
  }
}

/**
 * Credentials that renew themselves: when the server refuses them, or when they have been here for the better part of
 * their life; never by comparing their expiry with the clock of a machine that may be a day off.
 */
export function keepCredential(options: KeptCredentialOptions): Credentials {
  const { server, isNew = false, onRenewed, onRefused, platform = systemPlatform } = options;
  let { credential } = options;
  const endOf = ({ token }: StudentCredential) => platform.elapsed() + lifetimeMsOf(token) * renewAfter;
  let renewAtMs = isNew ? endOf(credential) : platform.elapsed();
  let renewal: ReturnType<Credentials["refresh"]> | undefined;

  async function renew(): ReturnType<Credentials["refresh"]> {
    const answer = await refreshToken(server, credential.refreshToken, platform);
    if (answer.kind === "granted") {
      credential = answer.credential;
      renewAtMs = endOf(credential);
      onRenewed?.(credential);
      return "renewed";
    }
    renewAtMs = answer.kind === "refused" ? Number.POSITIVE_INFINITY : platform.elapsed() + renewAgainAfterMs;
    if (answer.kind === "refused") onRefused?.(answer.code, answer.message);
    return answer.kind;
  }

  return {
    token: () => credential.token,
    isEnding: () => platform.elapsed() >= renewAtMs,
    refresh: () => {
      renewal ??= renew().finally(() => {
        renewal = undefined;
      });
      return renewal;
    },
  };
}
