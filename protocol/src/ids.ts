const encoder = new TextEncoder();
const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

function formatUuid(bytes: Uint8Array, version: number): string {
  const text = Array.from(bytes.subarray(0, 16), (byte, index) => {
    if (index === 6) return hex[(byte & 0x0f) | (version << 4)];
    if (index === 8) return hex[(byte & 0x3f) | 0x80];
    return hex[byte];
  }).join("");
  return `${text.slice(0, 8)}-${text.slice(8, 12)}-${text.slice(12, 16)}-${text.slice(16, 20)}-${text.slice(20)}`;
}

/**
 * UUIDv8 (RFC 9562, 5.8) of a kind and its natural key by SHA-256: whoever knows the key knows the id, so that
 * rows are written without being read first. Parts are length-prefixed: no two lists give the same text.
 */
export async function naturalId(kind: string, ...key: readonly string[]): Promise<string> {
  const text = [kind, ...key].map((part) => `${part.length}:${part}`).join("");
  return formatUuid(new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text))), 8);
}

/** UUIDv7 (RFC 9562, 5.7): ordered by creation time. For what people create. */
export function createdId(nowMs: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let index = 0; index < 6; index += 1) {
    bytes[index] = Math.floor(nowMs / 2 ** (8 * (5 - index))) & 0xff;
  }
  return formatUuid(bytes, 7);
}

/**
 * A student's id: the same for roster, mint and ingest, and in every class.
 * @param issuer who vouches for the subject (a Hub, an identity provider, `join`)
 * @param subject the name the issuer knows the student by; case and surrounding blanks don't matter
 */
export function studentIdOf(issuer: string, subject: string): Promise<string> {
  return naturalId("student", issuer, subject.trim().normalize("NFKC").toLowerCase());
}

/** A join code as people type it: case, and all that is neither letter nor digit, don't matter. */
export function normalizeJoinCode(text: string): string {
  return text
    .normalize("NFKC")
    .replace(/[^\p{L}\p{N}]/gu, "")
    .toUpperCase();
}
