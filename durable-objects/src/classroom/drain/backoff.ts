const baseDelayMs = 1_000;
const maxDelayMs = 60_000;

/**
 * Full-jitter exponential backoff: anywhere between nothing and twice the bound of the try before.
 * @param failures tries in a row that failed, at least 1
 * @param random a number in [0, 1)
 */
export function backoffMs(failures: number, random: number): number {
  return Math.round(random * Math.min(maxDelayMs, baseDelayMs * 2 ** Math.min(failures - 1, 16)));
}
