import type { ClassSettings } from "../../durable-objects/src/classroom/settings.ts";

export const classId = "class";
const minuteMs = 60_000;

/** What the class is set up with, until a schedule changes it. */
export const firstSettings: ClassSettings = {
  classId,
  version: 1,
  name: "Python",
  code: "PY1",
  captureLevel: "errors",
  keyVersion: 1,
  revokedBefore: {},
  sections: {},
  endsMs: {},
  retentionDays: 2,
  stuckAfterErrors: 3,
  idleAfterMs: 5 * minuteMs,
};
