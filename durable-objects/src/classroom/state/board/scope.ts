import type { Lesson } from "../../lesson.ts";

export const dayMs = 24 * 60 * 60 * 1000;
/** A lesson that nobody stops ends after this: what is done the next morning is not of it. */
const longestLessonMs = 12 * 60 * 60 * 1000;

/** What aggregates are counted over. */
export interface Scope {
  readonly kind: "lesson" | "day";
  readonly startMs: number;
}

function dayOf(timeMs: number): Scope {
  return { kind: "day", startMs: Math.floor(timeMs / dayMs) * dayMs };
}

export function lessonEndMs({ startedMs, stoppedMs = Number.POSITIVE_INFINITY }: Lesson): number {
  return Math.min(stoppedMs, startedMs + longestLessonMs);
}

function isIn(timeMs: number, lesson: Lesson): boolean {
  return timeMs >= lesson.startedMs && timeMs < lessonEndMs(lesson);
}

/** Of what happened at a time: the lesson, or else the UTC day. */
export function scopeAt(timeMs: number, lesson: Lesson | undefined): Scope {
  return lesson && isIn(timeMs, lesson) ? { kind: "lesson", startMs: lesson.startedMs } : dayOf(timeMs);
}

/** Which of two scopes a class shows: the one that began last. */
export function compareScopes(a: Scope, b: Scope): number {
  return a.startMs - b.startMs || rank(a) - rank(b);
}

function rank({ kind }: Scope): number {
  return kind === "lesson" ? 1 : 0;
}

/** What a class shows when the newest thing that it knows of happened at `latestMs`. */
export function currentScope(latestMs: number, lesson: Lesson | undefined): Scope {
  const latest = scopeAt(latestMs, lesson);
  if (!lesson) return latest;
  const own: Scope = { kind: "lesson", startMs: lesson.startedMs };
  return compareScopes(own, latest) > 0 ? own : latest;
}

/** Time from one moment to another without the lesson's breaks. */
export function workedMs(fromMs: number, toMs: number, breaks: Lesson["breaks"]): number {
  let worked = toMs - fromMs;
  for (const [start, end = Number.POSITIVE_INFINITY] of breaks) {
    worked -= Math.max(0, Math.min(end, toMs) - Math.max(start, fromMs));
  }
  return Math.max(0, worked);
}

/** The lesson that is shown; undefined: the day is. */
export function shownLesson({
  lesson,
  current,
}: {
  readonly lesson: Lesson | undefined;
  readonly current: { readonly scope: Scope };
}): Lesson | undefined {
  return current.scope.kind === "lesson" ? lesson : undefined;
}
