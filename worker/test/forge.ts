import { base64url, SignJWT } from "jose";
import { testEnv } from "./api.ts";

const encoder = new TextEncoder();

export function signingKey(): Uint8Array {
  const [, secret = ""] = (testEnv().TOKEN_KEYS ?? "").split(":");
  return base64url.decode(secret);
}

function partOf(value: unknown): string {
  return base64url.encode(encoder.encode(JSON.stringify(value)));
}

export interface Forgery {
  readonly alg?: string;
  readonly kid?: string;
  readonly key?: Uint8Array;
  /** Laid over those of a good student's token. */
  readonly claims?: object;
}

/** A token as the worker signs them, but for what is named. */
export async function forge(classId: string, { alg = "HS256", kid = "test", key, claims }: Forgery = {}) {
  const nowS = Math.floor(Date.now() / 1000);
  const payload = {
    iss: "cell-monitor",
    aud: "cell-monitor",
    iat: nowS,
    exp: nowS + 600,
    sub: "8a1f5c1e-0000-8000-8000-000000000001",
    use: "access",
    role: "student",
    cls: { [classId]: 1 },
    ...claims,
  };
  if (alg === "none") return `${partOf({ alg, kid, typ: "JWT" })}.${partOf(payload)}.`;
  return new SignJWT(payload).setProtectedHeader({ alg, kid, typ: "JWT" }).sign(key ?? signingKey());
}
