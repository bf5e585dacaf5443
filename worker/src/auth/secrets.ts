import { base64url } from "jose";

const encoder = new TextEncoder();

/** 256 random bits as base64url. */
export function newSecret(): string {
  return base64url.encode(crypto.getRandomValues(new Uint8Array(32)));
}

/** SHA-256 in hex: what is stored of a secret. */
export async function hashSecret(secret: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(secret)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Compares two secrets in a time that tells nothing of where they differ. */
export async function isSameSecret(a: string, b: string): Promise<boolean> {
  const [left, right] = await Promise.all(
    [a, b].map((text) => crypto.subtle.digest("SHA-256", encoder.encode(text))),
  );
  return left !== undefined && right !== undefined && crypto.subtle.timingSafeEqual(left, right);
}

// Without the characters that are taken for one another when read aloud or off a wall.
const joinAlphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";

/** A code of eight characters, some 39 bits, that a class is joined with. */
export function newJoinCode(): string {
  const characters: string[] = [];
  while (characters.length < 8) {
    const [byte = 255] = crypto.getRandomValues(new Uint8Array(1));
    // Bytes past the last whole multiple would favour the alphabet's beginning.
    const character = byte < 248 ? joinAlphabet[byte % joinAlphabet.length] : undefined;
    if (character !== undefined) characters.push(character);
  }
  return characters.join("");
}
