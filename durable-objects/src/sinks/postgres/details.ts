import type { ClassEvent } from "@cell-monitor/protocol";

/** Who and what an event is; every row says so in columns of its own. */
const identity = ["eventId", "eventType", "eventTime", "userId", "userName", "teamName", "testId"] as const;

/** As JSON, all that an event carries and no column of its row keeps; null when that is nothing. */
export function detailsOf(event: ClassEvent, kept: readonly (keyof ClassEvent)[]): string | null {
  const { metadata, ...fields } = event;
  const left = Object.entries({ ...metadata, ...fields }).filter(
    ([field, value]) => value !== undefined && !isIn(identity, field) && !isIn(kept, field),
  );
  return left.length === 0 ? null : JSON.stringify(Object.fromEntries(left));
}

function isIn(fields: readonly string[], field: string): boolean {
  return fields.includes(field);
}
