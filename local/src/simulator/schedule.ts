import type { Action } from "./actions.ts";
import type { Notebook } from "./course.ts";
import type { LessonPlan } from "./lesson-clock.ts";
import { Random } from "./random.ts";
import { StudentLesson } from "./student-lesson.ts";

const minuteMs = 60_000;

export const defaultPlan: LessonPlan = {
  lengthMs: 50 * minuteMs,
  breakFromMs: 11 * minuteMs,
  breakUntilMs: 14 * minuteMs,
};

export interface LessonOptions {
  readonly seed: number;
  readonly students: number;
  readonly notebook: Notebook;
  readonly plan?: LessonPlan;
}

/** All that happens in a lesson, in order of time: the same for the same options. */
export function lessonSchedule(options: LessonOptions): Action[] {
  const { seed, students, notebook, plan = defaultPlan } = options;
  const actions: Action[] = [];
  for (let student = 0; student < students; student += 1) {
    const lesson = new StudentLesson({ random: new Random(seed, student), notebook, plan });
    for (const { atMs, deed } of lesson.play()) actions.push({ atMs, student, deed });
  }
  // The sort is stable: what one student does at one moment stays in order.
  return actions.sort((a, b) => a.atMs - b.atMs);
}
