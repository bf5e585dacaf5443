import type { StampedEvent } from "@cell-monitor/protocol";
import { classClaimsOf, type Principal } from "../auth/claims.ts";
import { ingest } from "../classrooms.ts";
import { warn } from "../log.ts";
import type { Env } from "../env.ts";
import type { Database } from "../queries/database.ts";
import { type Announcement, markTold, untold } from "../queries/submissions.ts";

/**
 * Tells a class what was handed in and it has not been told yet. The event's id is the submission's: told again, it is a
 * repeat. A class that can't be told now is told with the next submission; what was handed in stands.
 */
export async function tellSubmissions(
  env: Env,
  db: Database,
  who: Principal,
  classId: string,
): Promise<void> {
  const waiting = await untold(db, classId);
  const receivedMs = Date.now();
  const events = waiting.map((submission, index) => submitted(submission, index));
  const told = await ingest(env, classId, classClaimsOf(who, classId), { receivedMs, events, refused: [] });
  if (told.ok)
    return markTold(
      db,
      waiting.map(({ id }) => id),
    );
  warn("submission_not_told", { classId, reason: told.refusal.code });
}

function submitted(submission: Announcement, index: number): StampedEvent {
  const { id, student_id: studentId, assignment_id, attempt, is_late, submitted_at, path } = submission;
  return {
    index,
    studentId,
    timeMs: Date.parse(submitted_at),
    event: {
      eventId: id,
      eventType: "assignment_submit",
      eventTime: submitted_at,
      ...(path !== null && { notebookPath: path }),
      metadata: { assignmentId: assignment_id, attempt, isLate: is_late },
    },
  };
}
