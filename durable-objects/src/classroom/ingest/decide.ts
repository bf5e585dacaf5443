import type {
  Batch,
  ClassEvent,
  RefusedNumber,
  Rejection,
  SessionAck,
  StampedEvent,
} from "@cell-monitor/protocol";
import type { LoggedEvent } from "../../sinks/sink.ts";
import {
  ackOf,
  type Arrival,
  classify,
  newMark,
  type Numbers,
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
  readonly sessions: {
    get(key: string): SessionMark | undefined;
    set(key: string, mark: SessionMark): unknown;
    /** Whether the class knew a session of which it has forgotten everything else. */
    isForgotten(key: string): boolean;
  };
  readonly unnumbered: {
    has(studentId: string, eventId: string): boolean;
    add(studentId: string, eventId: string): void;
  };
}

/** A session of the batch at hand. */
interface Session {
  readonly studentId: string;
  readonly sessionId: string;
  readonly key: string;
  readonly mark: SessionMark;
  readonly isForgotten: boolean;
  /** The lowest number that was sent and is known to have arrived, now or before. */
  sentFrom: number | undefined;
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
  const { receivedMs } = batch;
  const sessions = new BatchSessions(received);
  let accepted = 0;
  let duplicates = 0;

  for (const refused of batch.refused) {
    const session = sessions.of(refused.studentId, refused.sessionId);
    if (session.isForgotten || classify(session.mark, refused) !== "new") continue;
    sessions.take(session, refused);
    noteRefused(refused);
  }
  for (const stamped of batch.events) {
    const { event, studentId, index } = stamped;
    let { timeMs } = stamped;
    const { sessionId, sequence } = event;
    if (sessionId !== undefined && sequence !== undefined) {
      const session = sessions.of(studentId, sessionId);
      const numbers = numbersOf(event, sequence);
      const arrival = session.isForgotten ? "forgotten" : classify(session.mark, numbers);
      if (arrival === "duplicate") {
        noteSent(session, sequence);
        duplicates += 1;
        continue;
      }
      if (arrival !== "new") {
        if (arrival === "unsure") noteSent(session, sequence);
        rejected.push({ index, eventId: event.eventId, sessionId, sequence, ...refusalOf(arrival, session) });
        continue;
      }
      timeMs = orderedMs(session.mark, sequence, timeMs);
      noteTimes(session.mark, numbers, timeMs, receivedMs);
      sessions.take(session, numbers);
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
    log({ studentId, receivedMs, timeMs, event });
  }
  return { accepted, duplicates, rejected, acks: sessions.acks() };
}

/** Notes as received what has been decided on before: the log's events, and the numbers that were refused. */
export function recall(
  received: Received,
  events: readonly Pick<LoggedEvent, "studentId" | "event" | "timeMs" | "receivedMs">[],
  refused: readonly RefusedNumber[],
): void {
  const sessions = new BatchSessions(received);
  for (const number of refused) {
    sessions.take(sessions.of(number.studentId, number.sessionId), number);
  }
  for (const { studentId, event, timeMs, receivedMs } of events) {
    const { sessionId, sequence, eventId } = event;
    if (sessionId === undefined || sequence === undefined) {
      received.unnumbered.add(studentId, eventId);
      continue;
    }
    const session = sessions.of(studentId, sessionId);
    const numbers = numbersOf(event, sequence);
    noteTimes(session.mark, numbers, timeMs, receivedMs);
    sessions.take(session, numbers);
  }
}

/** The sessions of a batch, each looked up once. */
class BatchSessions {
  readonly #received: Received;
  readonly #touched = new Map<string, Session>();
  /** Most of a batch is of one session. */
  #last: Session | undefined;

  constructor(received: Received) {
    this.#received = received;
  }

  of(studentId: string, sessionId: string): Session {
    const last = this.#last;
    if (last && last.sessionId === sessionId && last.studentId === studentId) return last;
    const key = sessionKey(studentId, sessionId);
    let session = this.#touched.get(key);
    if (!session) {
      const { sessions } = this.#received;
      const mark = sessions.get(key);
      const isForgotten = mark === undefined && sessions.isForgotten(key);
      session = { studentId, sessionId, key, mark: mark ?? newMark(), isForgotten, sentFrom: undefined };
      this.#touched.set(key, session);
    }
    this.#last = session;
    return session;
  }

  take(session: Session, numbers: Numbers): void {
    const { key, mark } = session;
    take(mark, numbers);
    noteSent(session, numbers.sequence);
    this.#received.sessions.set(key, mark);
  }

  acks(): SessionAck[] {
    const acks: SessionAck[] = [];
    for (const { sessionId, mark, isForgotten, sentFrom } of this.#touched.values()) {
      if (!isForgotten) acks.push(ackOf(sessionId, mark, sentFrom));
    }
    return acks;
  }
}

function noteSent(session: Session, sequence: number): void {
  if (session.sentFrom === undefined || sequence < session.sentFrom) session.sentFrom = sequence;
}

function noteTimes(
  mark: SessionMark,
  { sequence, isLoss }: Numbers,
  timeMs: number,
  receivedMs: number,
): void {
  if (!isLoss) {
    mark.latestMs = Math.max(mark.latestMs ?? 0, timeMs);
    mark.latestSequence = Math.max(mark.latestSequence ?? 0, sequence);
  }
  mark.seenMs = Math.max(mark.seenMs ?? 0, receivedMs);
}

function numbersOf({ eventType, from, to }: ClassEvent, sequence: number): Numbers {
  if (eventType !== "events_lost") return { sequence };
  const isRange = from !== undefined && to !== undefined && from >= 1 && from <= to && to < sequence;
  return { sequence, isLoss: true, ...(isRange && { loss: { from, to } }) };
}

function refusalOf(
  arrival: Exclude<Arrival, "new" | "duplicate"> | "forgotten",
  { mark }: Session,
): Pick<Rejection, "code" | "message"> {
  switch (arrival) {
    case "jump":
      return {
        code: "sequence_jump",
        message: `The number is too far ahead of ${mark.highest}, the highest received of this session, or would leave too many gaps in it: send what is missing first.`,
      };
    case "unsure":
      return {
        code: "session_expired",
        message: `So many of this session's numbers were declared lost that up to ${mark.unsureThrough ?? 0} it is no longer known which of them arrived.`,
      };
    case "forgotten":
      return {
        code: "session_expired",
        message: "The session is older than what the class keeps: it is no longer known what of it arrived.",
      };
  }
}
