import type { Fold } from "../fold-context.ts";
import type { StudentState } from "../student-state.ts";

export const rememberedSessions = 32;

/** A session is open from the first that is heard of it until its end, whatever of it arrives after that. */
export const noteSession = (student: StudentState, sessionId: string, receivedMs: number): void => {
  const known = student.sessions.find(({ id }) => id === sessionId);
  if (known) {
    known.lastMs = Math.max(known.lastMs, receivedMs);
    return;
  }
  student.sessions.push({ id: sessionId, lastMs: receivedMs });
  if (student.sessions.length <= rememberedSessions) return;
  const oldest = student.sessions.reduce((a, b) => (b.lastMs < a.lastMs ? b : a));
  student.sessions.splice(student.sessions.indexOf(oldest), 1);
};

export const foldSessionEnd: Fold = ({ event, timeMs }, { student, changes }) => {
  const session = student.sessions.find(({ id }) => id === event.sessionId);
  if (!session) return;
  session.endedMs = Math.max(session.endedMs ?? 0, timeMs);
  for (const run of student.runs) if (!run.ended) changes.runs.add(`${student.id}/${run.slot}`);
};
