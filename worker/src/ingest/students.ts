import { type Claimed, claimedUserId, type EventOwner, studentIdOf } from "@cell-monitor/protocol";
import type { Principal } from "../auth/claims.ts";

/**
 * Whose events a credential may bring. A student's own is the student; only a class key that may ingest is believed
 * when it says whose an event is.
 * @param sent the batch as it came: the ids of all that it names are made before it is looked at
 */
export function studentsOf(
  who: Principal,
  sent: readonly unknown[],
): (claimed: Claimed) => EventOwner | undefined {
  if (who.role === "student") {
    const own = { studentId: who.sub, userName: who.name, teamName: who.team };
    return () => own;
  }
  const named = new Set(sent.flatMap((raw) => claimedUserId(raw) ?? []));
  const ids = new Map(Array.from(named, (userId) => [userId, studentIdOf(who.idp ?? "", userId)]));
  return ({ userId, userName, teamName }) => {
    const studentId = userId === undefined ? undefined : ids.get(userId);
    return studentId === undefined ? undefined : { studentId, userName: userName ?? userId, teamName };
  };
}
