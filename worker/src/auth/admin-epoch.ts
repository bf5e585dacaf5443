import type { Env } from "../env.ts";

const encoder = new TextEncoder();

/**
 * What the first admin's tokens are made under: 32 bits of a hash of the admin key, so that a new key makes void what
 * the old one opened.
 */
export async function adminEpoch(env: Env): Promise<number> {
  const digest = await crypto.subtle.digest("SHA-256", encoder.encode(`epoch of ${env.ADMIN_KEY ?? ""}`));
  return new DataView(digest).getUint32(0);
}
