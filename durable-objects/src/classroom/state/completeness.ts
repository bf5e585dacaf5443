import { type Completeness, type Page, limits, type SessionCompleteness } from "@cell-monitor/protocol";
import { countOf, type Ranges, union } from "../ingest/ranges.ts";
import { partsOfKey, sessionKey, type SessionMark } from "../ingest/watermarks.ts";
import type { ClassState } from "./class-state.ts";
import { rememberedSessions } from "./folds/session.ts";
import { nameOf, type StudentState } from "./student-state.ts";

/** Ranges listed of one session; the counts are of all. */
const listedRanges = 64;

type StudentCompleteness = Completeness["students"][number];
type Totals = StudentCompleteness["totals"];

/**
 * What a student's open sessions lack. Deterministic: a session counts as silent against the student's own last sign
 * of life here, and whether they themselves are silent is for who looks to tell.
 */
export function missingOf(student: StudentState, sessions: ClassState["sessions"]): number {
  let missing = 0;
  for (const session of student.sessions) {
    if (!isOpen(student, session)) continue;
    missing += countOf(sessions.get(sessionKey(student.id, session.id))?.gaps ?? []);
  }
  return missing;
}

/** Whether what a session lacks counts as missing of its student. */
export function isWaitedFor(students: ClassState["students"], key: string): boolean {
  const { studentId, sessionId } = partsOfKey(key);
  const student = students.get(studentId);
  const session = student?.sessions.find(({ id }) => id === sessionId);
  return student !== undefined && session !== undefined && isOpen(student, session);
}

function isOpen({ seenMs }: StudentState, { lastMs, endedMs }: StudentState["sessions"][number]): boolean {
  return endedMs === undefined && seenMs - lastMs < limits.sessionSilentMs;
}

/** What an account is made of: a class's students, and the marks of all their sessions. */
interface Known extends Pick<ClassState, "students"> {
  readonly sessions: Iterable<readonly [string, SessionMark]>;
}

/** The account of a class at `nowMs`. Sessions end in silence by time alone, so that is reckoned here and never folded. */
export function completenessOf(
  state: Known,
  nowMs: number,
  { skip, limit }: Page,
  concerns: (studentId: string) => boolean = () => true,
): Completeness {
  const bySessions = new Map<string, SessionCompleteness[]>();
  for (const id of state.students.keys()) if (concerns(id)) bySessions.set(id, []);
  for (const [key, mark] of state.sessions) {
    const { studentId, sessionId } = partsOfKey(key);
    if (!concerns(studentId)) continue;
    const standing = standingOf(state.students.get(studentId), sessionId, nowMs);
    const sessions = bySessions.get(studentId);
    if (sessions) sessions.push(sessionOf(sessionId, mark, standing));
    else bySessions.set(studentId, [sessionOf(sessionId, mark, standing)]);
  }
  const students = Array.from(bySessions, ([id, sessions]): StudentCompleteness => ({
    student_id: id,
    name: nameOf(state.students.get(id) ?? { id }),
    totals: sum(sessions.map(totalsOfSession)),
    sessions,
  })).sort((a, b) => (a.student_id < b.student_id ? -1 : 1));
  return {
    as_of: new Date(nowMs).toISOString(),
    totals: { students: students.length, ...sum(students.map(({ totals }) => totals)) },
    students: students.slice(skip, skip + limit),
  };
}

function standingOf(
  student: StudentState | undefined,
  sessionId: string,
  nowMs: number,
): SessionCompleteness["state"] {
  const session = student?.sessions.find(({ id }) => id === sessionId);
  if (session?.endedMs !== undefined) return "ended";
  return nowMs - (session?.lastMs ?? unrememberedMs(student)) < limits.sessionSilentMs ? "open" : "silent";
}

/**
 * When a session was last heard of that the student's state does not know: it was forgotten over many later ones,
 * or all that came of it was refused.
 */
function unrememberedMs(student: StudentState | undefined): number {
  return student && student.sessions.length < rememberedSessions ? student.seenMs : 0;
}

function sessionOf(
  sessionId: string,
  mark: SessionMark,
  state: SessionCompleteness["state"],
): SessionCompleteness {
  const { highest, gaps, lost: declared = [], lostUnlisted = 0 } = mark;
  const declaredCount = countOf(declared) + lostUnlisted;
  const gapCount = countOf(gaps);
  const isOpen = state === "open";
  return {
    session_id: sessionId,
    state,
    highest,
    received: highest - gapCount - declaredCount,
    missing: isOpen ? numbersOf(gaps) : numbersOf([]),
    lost: {
      ranges: listed(isOpen ? declared : union(gaps, declared)),
      count: declaredCount + (isOpen ? 0 : gapCount),
      declared: declaredCount,
    },
  };
}

function numbersOf(ranges: Ranges): SessionCompleteness["missing"] {
  return { count: countOf(ranges), ranges: listed(ranges) };
}

function listed(ranges: Ranges): Ranges {
  return ranges.slice(0, listedRanges);
}

function totalsOfSession({ received, missing, lost }: SessionCompleteness): Omit<Totals, "percent"> {
  return { sessions: 1, received, missing: missing.count, lost: lost.count };
}

function sum(parts: readonly Omit<Totals, "percent">[]): Totals {
  const totals = { sessions: 0, received: 0, missing: 0, lost: 0 };
  for (const part of parts) {
    totals.sessions += part.sessions;
    totals.received += part.received;
    totals.missing += part.missing;
    totals.lost += part.lost;
  }
  return { ...totals, percent: percentOf(totals) };
}

function percentOf({ received, missing, lost }: Omit<Totals, "percent">): number | null {
  const known = received + missing + lost;
  return known === 0 ? null : Math.floor((received * 10_000) / known) / 100;
}
