import { type StudentData, type StudentStatus, studentStatuses } from "@cell-monitor/protocol";

export const needGroups = ["needsYou", "watch", "working", "notSharing", "absent"] as const;
export type NeedGroup = (typeof needGroups)[number];

const groupOfStatus: Record<StudentStatus, NeedGroup> = {
  help: "needsYou",
  stuck: "needsYou",
  error: "watch",
  idle: "watch",
  active: "working",
  not_sharing: "notSharing",
  away: "absent",
  not_connected: "absent",
};

export function needGroup(status: StudentStatus): NeedGroup {
  return groupOfStatus[status];
}

/** Since when, as far as the data tells, a student has been in the status they are in. */
export function statusSinceMs(student: StudentData, status: StudentStatus): number {
  switch (status) {
    case "help":
      return student.help?.sinceMs ?? student.activeMs;
    case "stuck":
      return Math.max(student.lastRun?.endedMs ?? 0, student.checkin?.atMs ?? 0) || student.activeMs;
    case "error":
      return student.lastRun?.endedMs ?? student.activeMs;
    case "active":
      return student.running?.startedMs ?? student.activeMs;
    case "idle":
    case "not_sharing":
    case "away":
    case "not_connected":
      return student.activeMs;
  }
}

export interface Need {
  readonly id: string;
  readonly name: string;
  readonly status: StudentStatus;
  readonly sinceMs: number;
}

const rank = new Map(studentStatuses.map((status, index) => [status, index]));
const names = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

/** Those who work well, or of whom nothing is known, have no need to be compared by; by name they stay where they are. */
const orderedByName: ReadonlySet<StudentStatus> = new Set(["active", "not_sharing", "not_connected"]);

/** Who needs the instructor most comes first; among equals, who has waited longest. */
export function compareNeed(left: Need, right: Need): number {
  const byStatus = (rank.get(left.status) ?? 0) - (rank.get(right.status) ?? 0);
  if (byStatus !== 0) return byStatus;
  const byTime = orderedByName.has(left.status) ? 0 : left.sinceMs - right.sinceMs;
  return byTime || names.compare(left.name, right.name) || (left.id < right.id ? -1 : 1);
}
