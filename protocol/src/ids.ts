import { sha256 } from "./sha256.ts";

const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** @param bytes sixteen; of more, the first are taken */
function formatUuid(bytes: Uint8Array, version: number): string {
  let text = "";
  for (let index = 0; index < 16; index += 1) {
    let byte = bytes[index] ?? 0;
    if (index === 6) byte = (byte & 0x0f) | (version << 4);
    if (index === 8) byte = (byte & 0x3f) | 0x80;
    text += index === 4 || index === 6 || index === 8 || index === 10 ? `-${hex[byte]}` : hex[byte];
  }
  return text;
}

/**
 * UUIDv8 (RFC 9562, 5.8) of a kind and its natural key by SHA-256: whoever knows the key knows the id, so that
 * rows are written without being read first. Parts are length-prefixed: no two lists give the same text.
 */
export function naturalId(kind: string, ...key: readonly string[]): string {
  return formatUuid(sha256(keyText(kind, ...key)), 8);
}

/** A list of texts as one text that no other list gives. */
export function keyText(...parts: readonly string[]): string {
  let text = "";
  for (const part of parts) text += `${part.length}:${part}`;
  return text;
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
export function studentIdOf(issuer: string, subject: string): string {
  return naturalId("student", issuer, subject.trim().normalize("NFKC").toLowerCase());
}

/** Stands for a student who was erased from a class, where nothing may say who it was. */
export function erasedStudentHash(classId: string, studentId: string): string {
  return naturalId("erased student", classId, studentId);
}

/** A join code as people type it: case, and all that is neither letter nor digit, don't matter. */
export function normalizeJoinCode(text: string): string {
  return text
    .normalize("NFKC")
    .replace(/[^\p{L}\p{N}]/gu, "")
    .toUpperCase();
}
