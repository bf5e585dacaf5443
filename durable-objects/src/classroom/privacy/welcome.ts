import {
  type Batch,
  type CaptureLevel,
  erasedStudentHash,
  keepToLevel,
  type Rejection,
  type StampedEvent,
} from "@cell-monitor/protocol";
import type { ClassSettings } from "../settings.ts";

/** Taken of one who does not share, so that they are seen to be there, and can still ask for help. */
const takenOfAll: ReadonlySet<string> = new Set(["help", "help_stop", "session_start", "session_end"]);
/** What of such an event says nothing but that it happened. */
const bareFields = [
  "eventId",
  "eventType",
  "eventTime",
  "sessionId",
  "sequence",
  "lastSequence",
  "userId",
  "userName",
  "teamName",
  "helpId",
] as const;

const notShared = "The student does not share what they do with the class.";
const erased = "The student has been erased from the class.";

type Choices = Pick<ClassSettings, "classId" | "captureLevel" | "notSharing" | "erased">;

export interface Welcome {
  readonly batch: Batch;
  readonly rejected: readonly Rejection[];
}

/**
 * Leaves of a batch what the class may collect and its students agree to; the numbers of the rest count as received, so that nothing waits
 * for them.
 */
export function welcomeOf(
  given: Batch,
  { classId, captureLevel, notSharing = [], erased: gone = [] }: Choices,
): Welcome {
  const batch = {
    ...given,
    events: keptOf(given.events, captureLevel),
    ...(given.captured && { captured: keptOf(given.captured, captureLevel) }),
  };
  if (notSharing.length === 0 && gone.length === 0) return { batch, rejected: [] };
  const refusing = new Set(notSharing);
  const hashes = new Set(gone);
  const known = new Map<string, boolean>();
  const isErased = (studentId: string) => {
    if (hashes.size === 0) return false;
    const isGone = known.get(studentId) ?? hashes.has(erasedStudentHash(classId, studentId));
    known.set(studentId, isGone);
    return isGone;
  };
  const rejected: Rejection[] = [];
  const refused = batch.refused.filter(({ studentId }) => !isErased(studentId));
  const reject = ({ event, index }: StampedEvent, isGone: boolean) => {
    const { eventId, sessionId, sequence } = event;
    rejected.push({
      index,
      eventId,
      ...(sessionId !== undefined && { sessionId }),
      ...(sequence !== undefined && { sequence }),
      code: "consent_refused",
      message: isGone ? erased : notShared,
    });
  };
  const keep = (stamped: StampedEvent): StampedEvent[] => {
    const { studentId, event } = stamped;
    const isGone = isErased(studentId);
    if (!isGone && !refusing.has(studentId)) return [stamped];
    if (!isGone && takenOfAll.has(event.eventType)) return [bare(stamped)];
    reject(stamped, isGone);
    const { sessionId, sequence } = event;
    if (!isGone && sessionId !== undefined && sequence !== undefined) {
      refused.push({ studentId, sessionId, sequence });
    }
    return [];
  };
  const events = batch.events.flatMap(keep);
  // Their numbers are among the refused already.
  const captured = batch.captured?.filter((stamped) => {
    const isGone = isErased(stamped.studentId);
    const isTaken = !isGone && !refusing.has(stamped.studentId);
    if (!isTaken) reject(stamped, isGone);
    return isTaken;
  });
  return { batch: { ...batch, events, refused, ...(captured && { captured }) }, rejected };
}

/** What the class's level lets through of events. */
function keptOf(events: readonly StampedEvent[], level: CaptureLevel): StampedEvent[] {
  return events.map((stamped) => {
    const event = keepToLevel(stamped.event, level);
    return event === stamped.event ? stamped : { ...stamped, event };
  });
}

function bare(stamped: StampedEvent): StampedEvent {
  const { event } = stamped;
  const { eventId, eventType, eventTime } = event;
  const kept = Object.fromEntries(
    bareFields.flatMap((field) => (event[field] === undefined ? [] : [[field, event[field]]])),
  );
  return { ...stamped, event: { ...kept, eventId, eventType, eventTime } };
}
