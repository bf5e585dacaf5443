import * as v from "valibot";
import type { LoggedEvent } from "../../sinks/sink.ts";

/**
 * Place of an event among all of a student's: corrected time; the number in its session, 0 without one; the session,
 * or the event's own id without a number. Arrival has no part in it.
 */
export const orderKeySchema = v.tuple([v.number(), v.number(), v.string()]);
export type OrderKey = v.InferOutput<typeof orderKeySchema>;

export function orderOf({ timeMs, event }: Pick<LoggedEvent, "timeMs" | "event">): OrderKey {
  const { sessionId, sequence, eventId } = event;
  return sessionId === undefined || sequence === undefined
    ? [timeMs, 0, eventId]
    : [timeMs, sequence, sessionId];
}

/**
 * By time; on a tie whole sessions stay together, each by its numbers. "By number within a session, else by time" is
 * no order of several sessions: their clocks make it go in circles. That a session's numbers and times agree is seen
 * to when its events are recorded (`SessionMark.latestMs`).
 */
export function compareOrder(a: OrderKey, b: OrderKey): number {
  return a[0] - b[0] || compareText(a[2], b[2]) || a[1] - b[1];
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Whether something happened after what is known; everything does when nothing is. */
export function isAfter(key: OrderKey, known: OrderKey | undefined): boolean {
  return known === undefined || compareOrder(key, known) > 0;
}

/** The later of what is known and what is told, however they arrived. */
export function latest<T extends { readonly key: OrderKey }>(known: T | undefined, told: T): T {
  return known && compareOrder(told.key, known.key) <= 0 ? known : told;
}

/** Puts one more into a list that keeps its latest `count`, ascending. */
export function keepLatest<T extends { readonly key: OrderKey }>(list: T[], told: T, count: number): void {
  // Nearly always it is the newest.
  const before = list.findLastIndex(({ key }) => compareOrder(key, told.key) <= 0);
  list.splice(before + 1, 0, told);
  if (list.length > count) list.shift();
}
