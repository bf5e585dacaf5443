const minMs = Date.parse("0001-01-01T00:00:00.000Z");
const maxMs = Date.parse("9999-12-31T23:59:59.999Z");

/** A clock may be off by millennia, and Postgres must take what it says: the nearest time with a year of four digits. */
export function storableMs(timeMs: number): number {
  return Math.min(Math.max(Math.round(timeMs), minMs), maxMs);
}

let lastSecond = Number.NaN;
let lastText = "";

/** ISO 8601 in UTC; sorts as text as it does as time. */
export function timestamp(timeMs: number): string {
  const storable = storableMs(timeMs);
  const second = Math.floor(storable / 1_000);
  // Events come in the order of their times, many in a second.
  if (second !== lastSecond) {
    lastText = new Date(second * 1_000).toISOString().slice(0, -"000Z".length);
    lastSecond = second;
  }
  const ms = storable - second * 1_000;
  return `${lastText}${ms < 10 ? "00" : ms < 100 ? "0" : ""}${ms}Z`;
}
