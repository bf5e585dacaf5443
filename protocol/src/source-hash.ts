import { sha256 } from "./sha256.ts";

/** First 16 hex digits of the SHA-256 of a cell's source, ends trimmed: tells whether a student changed it. */
export function sourceHashOf(source: string): string {
  return Array.from(sha256(source.trim()).subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
}
