import type { SubmissionSummary } from "@cell-monitor/protocol";
import { classClaimsOf, type Principal } from "../auth/claims.ts";
import { notifyStudent } from "../classrooms.ts";
import type { Env } from "../env.ts";
import { warn } from "../log.ts";

/**
 * Tells a student of their grade: at once where they are there, else when they come. Where the class can't be reached the
 * grade stands all the same, and the student finds it where they look for it.
 */
export async function tellGrade(
  env: Env,
  who: Principal,
  { id, class_id: classId, assignment_id: assignmentId, student_id: studentId, grade }: SubmissionSummary,
  title: string | undefined,
): Promise<void> {
  if (grade === null) return;
  const told = await notifyStudent(env, classId, classClaimsOf(who, classId), studentId, {
    type: "assignment_graded",
    assignmentId,
    submissionId: id,
    grade,
    ...(title !== undefined && { title }),
  });
  if (!told.ok) warn("grade_not_told", { classId, reason: told.refusal.code });
}
