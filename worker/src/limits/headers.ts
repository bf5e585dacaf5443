import type { Reading } from "./meter.ts";

/**
 * What a client is told of its limits (draft-ietf-httpapi-ratelimit-headers-10): the policies, and how each stands. `t` is
 * the time until all of the quota is there again.
 */
export function limitHeaders(readings: readonly Reading[]): Readonly<Record<string, string>> {
  if (readings.length === 0) return {};
  const policies = readings.map(
    ({ policy: { name, quota, windowMs } }) => `"${name}";q=${quota};w=${windowMs / 1000}`,
  );
  const standing = readings.map(
    ({ policy: { name }, remaining, resetMs }) => `"${name}";r=${remaining};t=${Math.ceil(resetMs / 1000)}`,
  );
  return { "ratelimit-policy": policies.join(", "), ratelimit: standing.join(", ") };
}
