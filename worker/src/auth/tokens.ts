import { accept, refuse, type Result } from "@cell-monitor/protocol";
import { base64url, errors, type JWTPayload, jwtVerify, SignJWT } from "jose";
import * as v from "valibot";
import type { Env } from "../env.ts";
import { audience, issuer, type NewToken, type Principal, principalSchema } from "./claims.ts";

const algorithm = "HS256";

interface KeyRing {
  readonly signing: string;
  readonly keys: ReadonlyMap<string, Uint8Array>;
}

let parsed: { readonly text: string; readonly ring: KeyRing } | undefined;

/** Reads `id:base64url[,id:base64url]`; the first key signs, all verify, so that keys change without a gap. */
function keyRing(text: string): KeyRing {
  if (parsed?.text !== text) {
    const entries = text.split(",").map((entry): [string, Uint8Array] => {
      const colon = entry.indexOf(":");
      return [entry.slice(0, colon), base64url.decode(entry.slice(colon + 1))];
    });
    parsed = { text, ring: { signing: entries[0]?.[0] ?? "", keys: new Map(entries) } };
  }
  return parsed.ring;
}

/** Signs a token. @param expiresMs Unix ms */
export function signToken(env: Env, token: NewToken, expiresMs: number): Promise<string> {
  return signFor(env, audience, { ...token, iat: token.iat ?? Date.now() / 1000 }, expiresMs);
}

/** Verifies a token's signature, algorithm, issuer, audience and time, and reads who holds it. */
export function verifyToken(env: Env, token: string): Promise<Result<Principal>> {
  return verifyFor(env, audience, principalSchema, token);
}

/** Signs claims that are good in one place only. @param place what no other kind of token has as its audience */
export async function signFor(
  env: Env,
  place: string,
  claims: JWTPayload,
  expiresMs: number,
): Promise<string> {
  const { signing, keys } = keyRing(env.TOKEN_KEYS ?? "");
  const key = keys.get(signing);
  if (!key) throw new Error("There is no signing key.");
  return new SignJWT(claims)
    .setProtectedHeader({ alg: algorithm, kid: signing, typ: "JWT" })
    .setIssuer(issuer)
    .setAudience(place)
    .setIssuedAt(claims.iat ?? Date.now() / 1000)
    .setExpirationTime(Math.floor(expiresMs / 1000))
    .sign(key);
}

/** Verifies what `signFor` has signed for a place, and reads its claims. */
export async function verifyFor<Schema extends v.GenericSchema>(
  env: Env,
  place: string,
  schema: Schema,
  token: string,
): Promise<Result<v.InferOutput<Schema>>> {
  const { keys } = keyRing(env.TOKEN_KEYS ?? "");
  try {
    const { payload } = await jwtVerify(
      token,
      ({ kid }) => {
        const key = keys.get(kid ?? "");
        if (!key) throw new errors.JWKSNoMatchingKey();
        return key;
      },
      {
        algorithms: [algorithm],
        issuer,
        audience: place,
        requiredClaims: ["exp", "iat"],
        clockTolerance: 5,
      },
    );
    const claims = v.safeParse(schema, payload);
    return claims.success
      ? accept(claims.output)
      : refuse("unauthenticated", "The token is not one of ours.");
  } catch (error) {
    if (error instanceof errors.JWTExpired)
      return refuse("token_expired", "The token has expired; ask for a new one.");
    if (error instanceof errors.JOSEError) return refuse("unauthenticated", "The token is not valid.");
    throw error;
  }
}
