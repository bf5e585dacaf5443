import { type Claimed, type EventOwner, studentIdOf } from "@cell-monitor/protocol";
import type { Principal } from "../auth/claims.ts";

/**
 * Whose events a credential may bring. A student's own is the student; only a class key that may ingest is believed
 * when it says whose an event is.
 */
export function studentsOf(who: Principal): (claimed: Claimed) => EventOwner | undefined {
  if (who.role === "student") {
    const own = { studentId: who.sub, userId: who.user, userName: who.name, teamName: who.team };
    return () => own;
  }
  // A batch mostly holds many events of few students.
  const ids = new Map<string, string>();
  return ({ userId, userName, teamName }) => {
    if (userId === undefined || userId.trim() === "") return undefined;
    const studentId = ids.get(userId) ?? studentIdOf(who.idp ?? "", userId);
    ids.set(userId, studentId);
    return { studentId, userId, userName, teamName };
  };
}
