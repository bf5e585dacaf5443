import { accept, refuse, type Result, type StampedEvent } from "@cell-monitor/protocol";
import type { ClassroomEnv } from "../env.ts";
import type { Decision } from "../classroom/ingest/decide.ts";
import type { Captured } from "./captures.ts";

const notCaptured = refuse("unavailable", "The test capture did not answer; send again.", {
  retryAfterMs: 1_000,
});

/**
 * Hands events to the capture of their class. When no answer comes, sending them again is safe.
 * @param report of what those who run the deployment should hear
 */
export async function captureFor(
  { TEST_CAPTURE }: ClassroomEnv,
  classId: string,
  events: readonly StampedEvent[],
  report: (message: string, details: Record<string, unknown>) => void,
): Promise<Result<Captured>> {
  if (!TEST_CAPTURE) return notCaptured;
  try {
    return await TEST_CAPTURE.getByName(classId).add(events);
  } catch (error) {
    report("capture_unavailable", { classId, reason: String(error) });
    return notCaptured;
  }
}

/** What came of a batch of which a part was captured. */
export function withCaptured(decision: Decision, captured: Result<Captured>): Result<Decision> {
  if (!captured.ok) return captured;
  const { accepted, duplicates } = captured.value;
  return accept({
    ...decision,
    accepted: decision.accepted + accepted,
    duplicates: decision.duplicates + duplicates,
  });
}
