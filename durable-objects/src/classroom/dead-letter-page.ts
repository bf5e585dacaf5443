import { type DeadLetterList, type SinkName, sinkNames } from "@cell-monitor/protocol";
import type { DeadLetters } from "./storage/dead-letters.ts";

export interface DeadLetterQuery {
  /** All, if absent. */
  readonly sink?: SinkName | undefined;
  readonly skip: number;
  readonly limit: number;
  /** Whether the events themselves are shown, with what the student wrote in them. */
  readonly withEvents: boolean;
}

export interface DeadLetterPage {
  /** Of all pages. */
  readonly total: number;
  /** Fewer than asked for where they are large. */
  readonly letters: DeadLetterList;
}

/** What stores refused for good, as the API shows it. */
export function deadLetterPage(
  letters: Pick<DeadLetters, "count" | "list">,
  { sink, skip, limit, withEvents }: DeadLetterQuery,
): DeadLetterPage {
  const sinks: readonly SinkName[] = sink === undefined ? sinkNames : [sink];
  return {
    total: sinks.reduce((sum, name) => sum + letters.count(name), 0),
    letters: letters.list(sink, skip, limit).map((letter) => ({
      id: letter.id,
      sink: letter.sink,
      version: letter.version,
      reason: letter.reason,
      at: new Date(letter.atMs).toISOString(),
      event_id: letter.event.eventId,
      event_type: letter.event.eventType,
      student_id: letter.studentId,
      ...(withEvents && { event: letter.event }),
    })),
  };
}
