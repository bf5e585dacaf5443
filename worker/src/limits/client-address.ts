import type { AppContext } from "../routes/route.ts";

const encoder = new TextEncoder();
let hashKey: Promise<CryptoKey> | undefined;

/**
 * Whom to count for a request without a credential: a hash of the client's address under a key that is drawn anew in
 * every isolate and never leaves it, so that no address is kept. Undefined where the platform names none.
 */
export async function clientKey(c: AppContext): Promise<string | undefined> {
  // Set by the platform on every request; what a client sends under this name is replaced.
  const address = c.req.header("cf-connecting-ip");
  if (address === undefined) return undefined;
  hashKey ??= crypto.subtle.importKey(
    "raw",
    crypto.getRandomValues(new Uint8Array(32)),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  );
  const mac = await crypto.subtle.sign("HMAC", await hashKey, encoder.encode(countedAddress(address)));
  return Array.from(new Uint8Array(mac, 0, 12), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Of an IPv6 address the network, since a client may choose freely within its /64. */
export function countedAddress(address: string): string {
  const text = address.trim().toLowerCase();
  if (!text.includes(":")) return text;
  // An IPv4 address in IPv6's clothes is one.
  const [, v4] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(text) ?? [];
  if (v4 !== undefined) return v4;
  const [head = "", tail] = text.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array.from({ length: zeros }, () => "0"), ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":")}::/64`;
}
