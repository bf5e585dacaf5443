import { type CaptureLevel, captureLevels } from "@cell-monitor/protocol";
import type { EventDraft } from "@cell-monitor/client";

/** What every source of events is given. */
export interface CaptureContext {
  /** What may be collected now. */
  readonly level: CaptureLevel;
  /** False while the student has paused. */
  readonly isOn: boolean;
  readonly record: (draft: EventDraft) => void;
  /** Unix ms by the browser's clock. */
  readonly now: () => number;
}

/** Whether `level` includes what `needed` names. */
export function allows(level: CaptureLevel, needed: CaptureLevel): boolean {
  return captureLevels.indexOf(level) >= captureLevels.indexOf(needed);
}
