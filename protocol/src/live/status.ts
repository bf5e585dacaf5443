import type { ClassData, StudentData } from "./entities.ts";
import { limits } from "../limits.ts";

/** What a student is doing, most in need first. */
export const studentStatuses = [
  "help",
  "stuck",
  "error",
  "idle",
  "active",
  "not_sharing",
  "away",
  "not_connected",
] as const;
export type StudentStatus = (typeof studentStatuses)[number];

export type Thresholds = Pick<ClassData, "stuckAfterErrors" | "idleAfterMs">;

export const defaultThresholds: Thresholds = { stuckAfterErrors: 3, idleAfterMs: 5 * 60 * 1000 };

/**
 * A student's status at `nowMs` by the server's clock. Computed by whoever looks, never stored: idleness comes
 * with time alone, and a class in which nothing happens must not have to wake for it.
 * @param isSharing of who shares nothing, all that is known but a raised hand is from before
 */
export function studentStatus(
  student: StudentData,
  thresholds: Thresholds,
  nowMs: number,
  isSharing = true,
): StudentStatus {
  if (student.help) return "help";
  if (!isSharing) return "not_sharing";
  if (student.activeMs === 0) return "not_connected";
  if (!student.present) return "away";
  if (student.streak >= thresholds.stuckAfterErrors || isStuckByOwnWord(student)) return "stuck";
  if (student.running) return "active";
  if (nowMs - student.activeMs >= thresholds.idleAfterMs) return "idle";
  return student.streak > 0 ? "error" : "active";
}

function isStuckByOwnWord(student: StudentData): boolean {
  return student.checkin?.choice === "stuck" && student.checkin.atMs >= (student.lastRun?.endedMs ?? 0);
}

/** Events of a student that may still arrive: of one who has long been silent nothing is waited for. */
export function missingEvents({ missing = 0, seenMs }: StudentData, nowMs: number): number {
  return nowMs - seenMs < limits.sessionSilentMs ? missing : 0;
}

/** Whether a student with a raised hand has had no connection for a while. */
export function isHelpAway(student: StudentData, nowMs: number): boolean {
  return student.connected !== true && nowMs - student.seenMs >= limits.awayAfterMs;
}
