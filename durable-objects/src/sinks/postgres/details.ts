import type { ClassEvent } from "@cell-monitor/protocol";

/** Who and what an event is; every row says so in columns of its own. */
const identity = ["eventId", "eventType", "eventTime", "userId", "userName", "teamName", "testId"] as const;

/**
 * Makes a function that gives, as JSON, all that an event carries and no column of its row keeps; null when that is
 * nothing.
 */
export function detailsBeyond(columns: readonly (keyof ClassEvent)[]): (event: ClassEvent) => string | null {
  const kept = new Set<string>([...identity, "metadata", ...columns]);
  return (event) => {
    const fields: Readonly<Record<string, unknown>> = event;
    const left = Object.keys(fields).filter((field) => !kept.has(field) && fields[field] !== undefined);
    if (left.length === 0 && event.metadata === undefined) return null;
    return JSON.stringify({
      ...event.metadata,
      ...Object.fromEntries(left.map((field) => [field, fields[field]])),
    });
  };
}
