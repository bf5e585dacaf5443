import type { Received } from "../../../src/classroom/ingest/decide.ts";
import type { SessionMark } from "../../../src/classroom/ingest/watermarks.ts";

class KnownSessions extends Map<string, SessionMark> {
  readonly forgotten = new Set<string>();

  isForgotten(key: string): boolean {
    return this.forgotten.has(key);
  }
}

/** A class's memory of what it has received, without a disk. */
export function newReceived(sessions: Iterable<readonly [string, SessionMark]> = []) {
  const known = new Set<string>();
  const key = (studentId: string, eventId: string) => JSON.stringify([studentId, eventId]);
  return {
    sessions: new KnownSessions(sessions),
    unnumbered: {
      has: (studentId: string, eventId: string) => known.has(key(studentId, eventId)),
      add: (studentId: string, eventId: string) => void known.add(key(studentId, eventId)),
    },
  } satisfies Received;
}
