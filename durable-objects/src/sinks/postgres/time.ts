const minMs = Date.parse("0001-01-01T00:00:00.000Z");
const maxMs = Date.parse("9999-12-31T23:59:59.999Z");

/** A clock may be off by millennia, and Postgres must take what it says: the nearest time with a year of four digits. */
export function storableMs(timeMs: number): number {
  return Math.min(Math.max(Math.round(timeMs), minMs), maxMs);
}

let lastMs = Number.NaN;
let lastText = "";

/** ISO 8601 in UTC; sorts as text as it does as time. */
export function timestamp(timeMs: number): string {
  // An event's times are mostly one and the same.
  if (timeMs !== lastMs) {
    lastText = new Date(storableMs(timeMs)).toISOString();
    lastMs = timeMs;
  }
  return lastText;
}
