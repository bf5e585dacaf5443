import type { Batch, RefusedNumber, Rejection, SessionAck, StampedEvent } from "@cell-monitor/protocol";
import type { LoggedEvent } from "../../sinks/sink.ts";
import {
  ackOf,
  classify,
  declareLost,
  newMark,
  orderedMs,
  sessionKey,
  type SessionMark,
  take,
} from "./watermarks.ts";

export interface Decision {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: readonly Rejection[];
  readonly acks: readonly SessionAck[];
}

/** What a class remembers of what it has received. */
export interface Received {
  readonly sessions: Map<string, SessionMark>;
  readonly unnumbered: {
    has(studentId: string, eventId: string): boolean;
    add(studentId: string, eventId: string): void;
  };
}

/**
 * Tells the new events of a batch from repeats, and notes them as received.
 * @param isRepeat whether an event carries no news, such as a raised hand's reminder: answered, not logged
 * @param log takes each new event, in order
 * @param noteRefused takes each refused number that had not been received
 */
export function decide(
  received: Received,
  batch: Batch,
  isRepeat: (event: StampedEvent) => boolean,
  log: (event: Omit<LoggedEvent, "version">) => void,
  noteRefused: (refused: RefusedNumber) => void = () => {},
): Decision {
  const rejected: Rejection[] = [];
  const touched = new Map<string, [string, SessionMark]>();
  let accepted = 0;
  let duplicates = 0;

  const markOf = (studentId: string, sessionId: string): SessionMark => {
    const key = sessionKey(studentId, sessionId);
    const mark = received.sessions.get(key) ?? newMark();
    touched.set(key, [sessionId, mark]);
    return mark;
  };
  const remember = (studentId: string, sessionId: string, mark: SessionMark) =>
    received.sessions.set(sessionKey(studentId, sessionId), mark);

  for (const refused of batch.refused) {
    const { studentId, sessionId, sequence } = refused;
    const mark = markOf(studentId, sessionId);
    if (classify(mark, sequence) !== "new") continue;
    take(mark, sequence);
    remember(studentId, sessionId, mark);
    noteRefused(refused);
  }
  for (const stamped of batch.events) {
    const { event, studentId, index } = stamped;
    let { timeMs } = stamped;
    const { sessionId, sequence } = event;
    if (sessionId !== undefined && sequence !== undefined) {
      const mark = markOf(studentId, sessionId);
      const arrival =
        event.eventType === "events_lost" ? classifyLost(mark, sequence) : classify(mark, sequence);
      if (arrival === "jump") {
        rejected.push({
          index,
          eventId: event.eventId,
          sessionId,
          sequence,
          code: "sequence_jump",
          message: `Number ${sequence} is too far ahead of ${mark.highest}, the highest received of this session.`,
        });
        continue;
      }
      if (arrival === "duplicate") {
        duplicates += 1;
        continue;
      }
      timeMs = orderedMs(mark, sequence, timeMs);
      takeNumber(mark, event, timeMs);
      remember(studentId, sessionId, mark);
    } else if (isRepeat(stamped)) {
      accepted += 1;
      continue;
    } else if (received.unnumbered.has(studentId, event.eventId)) {
      duplicates += 1;
      continue;
    } else {
      received.unnumbered.add(studentId, event.eventId);
    }
    accepted += 1;
    log({ studentId, receivedMs: batch.receivedMs, timeMs, event });
  }
  const acks = Array.from(touched.values(), ([sessionId, mark]) => ackOf(sessionId, mark));
  return { accepted, duplicates, rejected, acks };
}

/** A declaration of loss may stand behind any jump: it is what closes the gap. */
function classifyLost(mark: SessionMark, sequence: number) {
  return sequence > mark.highest ? ("new" as const) : classify(mark, sequence);
}

function takeNumber(
  mark: SessionMark,
  { eventType, sequence, from, to }: StampedEvent["event"],
  timeMs: number,
): void {
  if (sequence === undefined) return;
  mark.latestMs = Math.max(mark.latestMs ?? 0, timeMs);
  const isLoss = eventType === "events_lost" && from !== undefined && to !== undefined;
  if (isLoss && from >= 1 && from <= to && to < sequence) declareLost(mark, from, to);
  take(mark, sequence);
}

/** Notes as received what has been decided on before: the log's events, and the numbers refused along with them. */
export function recall(
  received: Received,
  events: readonly Pick<LoggedEvent, "studentId" | "event" | "timeMs">[],
  refused: readonly RefusedNumber[],
): void {
  const markOf = (studentId: string, sessionId: string): SessionMark => {
    const key = sessionKey(studentId, sessionId);
    const mark = received.sessions.get(key) ?? newMark();
    received.sessions.set(key, mark);
    return mark;
  };
  for (const { studentId, sessionId, sequence } of refused) take(markOf(studentId, sessionId), sequence);
  for (const { studentId, event, timeMs } of events) {
    const { sessionId, sequence, eventId } = event;
    if (sessionId !== undefined && sequence !== undefined)
      takeNumber(markOf(studentId, sessionId), event, timeMs);
    else received.unnumbered.add(studentId, eventId);
  }
}
