import { lessonResponseSchema, refuse, type Result } from "@cell-monitor/protocol";
import type { Granted } from "../auth/claims.ts";
import { type LessonStep, stepOf } from "../lessons/steps.ts";
import { wantedVersion } from "../middleware/if-match.ts";
import type { Database } from "../queries/database.ts";
import { type LessonRow, lessons } from "../queries/lessons.ts";
import { defineRoute } from "./define-route.ts";
import { toldLesson } from "./lessons.ts";
import type { Route } from "./route.ts";

const attempts = 3;
const staleAttempt = refuse("unavailable", "Others change this lesson right now; try again.", {
  retryAfterMs: 1_000,
});

interface Step {
  readonly step: LessonStep;
  readonly lessonId: string;
  /** The version that is meant; any, if undefined. */
  readonly wanted: number | undefined;
}

/** Takes a step from the lesson as it is: decided on what was read, and written only if that is still so. */
async function take(
  db: Database,
  granted: Granted,
  { step, lessonId, wanted }: Step,
): Promise<Result<LessonRow>> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const row = await lessons.find(db, granted, lessonId);
    if (!row) return refuse("not_found", "There is no such lesson.");
    const changes = stepOf(row, step, Date.now());
    if (!changes.ok) return changes;
    const version = wanted ?? row.version;
    const written = await lessons.update(db, granted, lessonId, changes.value, { version });
    if (written.ok) return written;
    if (written.refusal.code === "conflict") {
      return refuse("conflict", "Another lesson of the class goes on; stop it first.");
    }
    if (written.refusal.code !== "precondition_failed" || wanted !== undefined) return written;
  }
  return staleAttempt;
}

function stepRoute(step: LessonStep, summary: string, description: string): Route {
  return defineRoute({
    method: "post",
    path: `/api/v1/lessons/:lessonId/${step}`,
    tag: "lessons",
    summary,
    description: `${description} Harmless to repeat.`,
    policy: { kind: "roles", roles: ["instructor", "admin"] },
    answer: { status: 200, schema: lessonResponseSchema, isVersioned: true },
    async handle({ c, env, db, granted, params: { lessonId } }) {
      const wanted = wantedVersion(c);
      if (!wanted.ok) return wanted;
      return toldLesson(env, await take(db, granted, { step, lessonId, wanted: wanted.value }));
    },
  });
}

export const lessonStepRoutes: readonly Route[] = [
  stepRoute("start", "Start a lesson", "From now on, the class's cells and errors are counted in it."),
  stepRoute("stop", "Stop the lesson", "A break that still goes on ends with it."),
  stepRoute("break", "Begin a break", "Its time is not counted in what students took."),
  stepRoute("resume", "End the break", "Time counts again."),
];
