import { isJsonObject } from "../json.ts";
import type { Rejection } from "./ack.ts";
import type { Admission, AdmittedEvent } from "./admit.ts";

export interface StampedEvent extends AdmittedEvent {
  readonly studentId: string;
  /** Place in the batch as the client sent it. */
  readonly index: number;
}

/** A refused event that its client had numbered: its number counts as received, so that nothing waits for it. */
export interface RefusedNumber {
  readonly studentId: string;
  readonly sessionId: string;
  readonly sequence: number;
}

/** What a class is given to record. */
export interface Batch {
  readonly receivedMs: number;
  readonly events: readonly StampedEvent[];
  readonly refused: readonly RefusedNumber[];
  /** Events that name a test: they go to the class's test capture and nowhere else. */
  readonly captured?: readonly StampedEvent[];
  /** Of the text that it came as, in UTF-16 units or bytes; absent when nobody measured it. */
  readonly units?: number;
}

/** Whose an event is, and how its student is called, as far as that is to be believed. */
export interface EventOwner {
  readonly studentId: string;
  /** What they log in as: what they are called where nobody says a name. */
  readonly userId?: string | undefined;
  readonly userName?: string | undefined;
  readonly teamName?: string | undefined;
}

/** What an event says of whose it is. */
export interface Claimed {
  readonly userId?: string | undefined;
  readonly userName?: string | undefined;
  readonly teamName?: string | undefined;
}

interface Stamped extends Pick<Batch, "events" | "refused"> {
  readonly captured: readonly StampedEvent[];
  readonly rejected: readonly Rejection[];
}

const userMissing = "A class key must say whose the event is: userId.";

/**
 * Says whose each event is.
 * @param sent the batch as it came, for the numbers of refused events
 * @param studentOf by the credential: a student's own is the student, whatever the event says
 */
export function stamp(
  admission: Admission,
  sent: readonly unknown[],
  studentOf: (claimed: Claimed) => EventOwner | undefined,
): Stamped {
  const events: StampedEvent[] = [];
  const captured: StampedEvent[] = [];
  const rejected = [...admission.rejected];
  for (const [position, { event, timeMs }] of admission.admitted.entries()) {
    const { userId, userName, teamName, ...rest } = event;
    const index = admission.places[position] ?? 0;
    const student = studentOf({ userId, userName, teamName });
    if (student === undefined) {
      rejected.push({
        index,
        ...identityOfEvent(rest),
        code: "missing_user",
        message: userMissing,
      });
      continue;
    }
    const names = {
      ...(student.userId !== undefined && { userId: student.userId }),
      ...(student.userName !== undefined && { userName: student.userName }),
      ...(student.teamName !== undefined && { teamName: student.teamName }),
    };
    const { studentId } = student;
    const target = rest.testId === undefined ? events : captured;
    target.push({ event: Object.assign(rest, names), timeMs, studentId, index });
  }
  // The class does not record what is captured, and is not to wait for its numbers either.
  const refused = [...refusedNumbers(rejected, sent, studentOf), ...captured.flatMap(numberOf)];
  return { events, captured, rejected, refused };
}

type Identity = Pick<Rejection, "eventId" | "sessionId" | "sequence">;

function identityOfEvent({ eventId, sessionId, sequence }: Identity): Identity {
  return { ...(eventId && { eventId }), ...(sessionId && { sessionId }), ...(sequence && { sequence }) };
}

function numberOf({ studentId, event: { sessionId, sequence } }: StampedEvent): RefusedNumber[] {
  return sessionId === undefined || sequence === undefined ? [] : [{ studentId, sessionId, sequence }];
}

/** What an event, looked at or not, says of whose it is. */
function claimedUserId(raw: unknown): string | undefined {
  const userId = isJsonObject(raw) ? (raw["userId"] ?? raw["emailAddress"]) : undefined;
  return typeof userId === "string" && userId.trim() !== "" ? userId : undefined;
}

function refusedNumbers(
  rejected: readonly Rejection[],
  sent: readonly unknown[],
  studentOf: (claimed: Claimed) => EventOwner | undefined,
): RefusedNumber[] {
  return rejected.flatMap(({ index, sessionId, sequence }) => {
    if (sessionId === undefined || sequence === undefined) return [];
    const student = studentOf({ userId: claimedUserId(sent[index]) });
    return student ? [{ studentId: student.studentId, sessionId, sequence }] : [];
  });
}
