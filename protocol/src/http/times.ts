import * as v from "valibot";

function isOfCalendar(text: string): boolean {
  const timeMs = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(timeMs) && new Date(timeMs).toISOString().startsWith(text);
}

/** A day of the calendar. */
export const dateSchema = v.pipe(
  v.string(),
  v.isoDate("must be a date: YYYY-MM-DD"),
  v.check(isOfCalendar, "must be a day of the calendar"),
);

const earliestMs = Date.UTC(1970, 0, 1);
const latestMs = Date.UTC(9999, 11, 31);

/** A moment, which is kept in UTC. */
export const momentSchema = v.pipe(
  v.string(),
  v.regex(
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/,
    "must be an ISO 8601 time with its offset",
  ),
  v.check((text) => {
    const timeMs = Date.parse(text);
    return timeMs >= earliestMs && timeMs <= latestMs;
  }, "must be a time that exists"),
  v.transform((text) => new Date(text).toISOString()),
);
