import type { ClassEvent } from "@cell-monitor/protocol";

/** Who and what an event is; every row says so in columns of its own. */
const identity = ["eventId", "eventType", "eventTime", "userId", "userName", "teamName", "testId"] as const;

/**
 * Makes a function that gives, as JSON, all that an event carries and no column of its row keeps; null when that is
 * nothing.
 */
export function detailsBeyond(columns: readonly (keyof ClassEvent)[]): (event: ClassEvent) => string | null {
  const kept = new Set<string>([...identity, ...columns]);
  return ({ metadata, ...fields }) => {
    const left = Object.entries(fields).filter(([field, value]) => value !== undefined && !kept.has(field));
    if (left.length === 0 && metadata === undefined) return null;
    return JSON.stringify({ ...metadata, ...Object.fromEntries(left) });
  };
}
