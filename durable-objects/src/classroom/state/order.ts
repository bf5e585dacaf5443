import * as v from "valibot";
import type { LoggedEvent } from "../../sinks/sink.ts";

/** Place of an event among all of a student's: corrected time, then id. Arrival has no part in it. */
export const orderKeySchema = v.tuple([v.number(), v.string()]);
export type OrderKey = v.InferOutput<typeof orderKeySchema>;

export function orderOf({ timeMs, event }: Pick<LoggedEvent, "timeMs" | "event">): OrderKey {
  return [timeMs, event.eventId];
}

export function compareOrder(a: OrderKey, b: OrderKey): number {
  return a[0] - b[0] || (a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0);
}

/** Whether something happened after what is known; everything does when nothing is. */
export function isAfter(key: OrderKey, known: OrderKey | undefined): boolean {
  return known === undefined || compareOrder(key, known) > 0;
}
