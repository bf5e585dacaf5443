import type { RefusedNumber, StampedEvent } from "@cell-monitor/durable-objects";
import { type Admission, isJsonObject, type Rejection, studentIdOf } from "@cell-monitor/protocol";
import type { Principal } from "../auth/claims.ts";

interface Stamped {
  readonly events: readonly StampedEvent[];
  readonly refused: readonly RefusedNumber[];
  readonly rejected: readonly Rejection[];
}

const captureOnly = "This event is marked for the test capture, which does not record it in the class.";

/**
 * Says whose each event is. A student's credential is the student; only a class key that may ingest is believed when
 * it says whose an event is.
 * @param sent the batch as it came, for the numbers of refused events
 */
export async function stamp(
  who: Principal,
  admission: Admission,
  sent: readonly unknown[],
): Promise<Stamped> {
  const isStudent = who.role === "student";
  const studentFor = async (userId: unknown): Promise<string | undefined> => {
    if (isStudent) return who.sub;
    return typeof userId === "string" && userId.trim() !== ""
      ? studentIdOf(who.idp ?? "", userId)
      : undefined;
  };
  const events: StampedEvent[] = [];
  const rejected = [...admission.rejected];
  for (const [position, admitted] of admission.admitted.entries()) {
    const { userId, userName, teamName, ...rest } = admitted.event;
    const index = admission.places[position] ?? 0;
    const studentId = await studentFor(userId);
    const { eventId, sessionId, sequence } = rest;
    const identity = { index, eventId, ...(sessionId && { sessionId }), ...(sequence && { sequence }) };
    if (studentId === undefined) {
      rejected.push({
        ...identity,
        code: "missing_user",
        message: "A class key must say whose the event is: userId.",
      });
    } else if (rest.testId !== undefined) {
      rejected.push({ ...identity, code: "invalid_event", message: captureOnly });
    } else {
      const names = isStudent
        ? { userName: who.name, teamName: who.team }
        : { userName: userName ?? userId, teamName };
      events.push({ ...admitted, event: { ...rest, ...given(names) }, studentId, index });
    }
  }
  return { events, rejected, refused: await refusedNumbers(rejected, sent, studentFor) };
}

function given(names: { readonly userName: string | undefined; readonly teamName: string | undefined }) {
  return {
    ...(names.userName !== undefined && { userName: names.userName }),
    ...(names.teamName !== undefined && { teamName: names.teamName }),
  };
}

async function refusedNumbers(
  rejected: readonly Rejection[],
  sent: readonly unknown[],
  studentFor: (userId: unknown) => Promise<string | undefined>,
): Promise<RefusedNumber[]> {
  const refused: RefusedNumber[] = [];
  for (const { index, sessionId, sequence } of rejected) {
    if (sessionId === undefined || sequence === undefined) continue;
    const raw = sent[index];
    const studentId = await studentFor(
      isJsonObject(raw) ? (raw["userId"] ?? raw["emailAddress"]) : undefined,
    );
    if (studentId !== undefined) refused.push({ studentId, sessionId, sequence });
  }
  return refused;
}
