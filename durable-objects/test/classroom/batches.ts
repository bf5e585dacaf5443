import type { Batch, ClassEvent, RefusedNumber } from "@cell-monitor/protocol";

import type { LoggedEvent } from "../../src/sinks/sink.ts";

export const ada = "0192bbbb-0000-8000-8000-000000000001";
export const grace = "0192bbbb-0000-8000-8000-000000000002";

export type Fields = Partial<ClassEvent> & {
  readonly timeMs?: number;
  readonly studentId?: string;
  /** Of the log alone: a batch arrives as one. */
  readonly receivedMs?: number;
};

/** A batch as the worker hands it over: admitted, and stamped with whose each event is. */
export function batchOf(
  fields: readonly Fields[],
  refused: readonly RefusedNumber[] = [],
  receivedMs = Date.now(),
): Batch {
  const events = fields.map(
    ({ timeMs = receivedMs, studentId = ada, receivedMs: _received, ...given }, index) => {
      const event: ClassEvent = {
        eventId: crypto.randomUUID(),
        eventType: "activity",
        eventTime: new Date(timeMs).toISOString(),
        ...given,
      };
      return { event, timeMs, studentId, index };
    },
  );
  return { receivedMs, events, refused };
}

/** A session's events `from` to `to`, all of one kind. */
export function numbered(from: number, to: number, fields: Fields = {}): Fields[] {
  return Array.from({ length: to - from + 1 }, (_, index) => ({
    sessionId: "session",
    sequence: from + index,
    ...fields,
  }));
}

/** Events as the log has them. */
export function loggedOf(fields: readonly Fields[], firstVersion = 1): LoggedEvent[] {
  return batchOf(fields, [], 1_700_000_000_000).events.map(({ event, studentId, timeMs }, index) => ({
    version: firstVersion + index,
    receivedMs: fields[index]?.receivedMs ?? 1_700_000_000_000,
    studentId,
    timeMs,
    event,
  }));
}
