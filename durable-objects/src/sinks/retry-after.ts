/** How long a `Retry-After` asks to wait, be it seconds or a date; undefined for none that can be read. */
export function retryAfterMsOf(header: string | null | undefined): number | undefined {
  if (header === null || header === undefined) return undefined;
  const delayMs = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isNaN(delayMs) ? undefined : Math.max(delayMs, 0);
}
