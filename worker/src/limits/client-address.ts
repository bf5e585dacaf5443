import { naturalId } from "@cell-monitor/protocol";

let hashKey: string | undefined;

/**
 * Whom to count for a request without a credential: a hash of the client's address under a key that is drawn anew in
 * every isolate and never leaves it, so that no address is kept.
 */
export function clientKeyOf(address: string): string {
  // Drawn at the first request: an isolate has no randomness before.
  hashKey ??= crypto.randomUUID() + crypto.randomUUID();
  return naturalId("client", hashKey, countedAddress(address));
}

/** Of an IPv6 address the network, since a client may choose freely within its /64. */
export function countedAddress(address: string): string {
  const text = address.trim().toLowerCase();
  if (!text.includes(":")) return text;
  // An IPv4 address in IPv6's clothes is one.
  const [, v4] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(text) ?? [];
  if (v4 !== undefined) return v4;
  const [head = "", tail] = text.split("::");
  const left = head.split(":").filter(Boolean);
  const right = (tail ?? "").split(":").filter(Boolean);
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array.from({ length: zeros }, () => "0"), ...right].slice(0, 4);
  return `${groups.map((group) => group.replace(/^0+(?=.)/, "")).join(":")}::/64`;
}
