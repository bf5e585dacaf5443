import { type Batch, limits } from "@cell-monitor/protocol";
import { expiredHelps, nextHelpExpiry } from "./state/entities.ts";
import { unnamedHelp } from "./state/folds/help.ts";
import type { StudentState } from "./state/student-state.ts";

export interface HelpExpiryDeps {
  now(): number;
  newId(): string;
  /** A connection is presence enough: only without one does a raised hand need a sign of life. */
  isConnected(studentId: string): boolean;
}

/** Lowers the hands of students who have long been gone. */
export class HelpExpiry {
  readonly #deps: HelpExpiryDeps;

  constructor(deps: HelpExpiryDeps) {
    this.#deps = deps;
  }

  /** When the first of these students' hands must be lowered, Unix ms. */
  dueMs(students: Iterable<StudentState>): number | undefined {
    return nextHelpExpiry(this.#disconnected(students), limits.helpExpiresMs);
  }

  /** The lowering of all hands that are due, to be recorded like what a student sends. */
  batch(students: Iterable<StudentState>): Batch {
    const { now, newId } = this.#deps;
    const nowMs = now();
    const expired = expiredHelps(this.#disconnected(students), nowMs, limits.helpExpiresMs);
    const events = expired.map(([student, helpId], index) => ({
      index,
      studentId: student.id,
      timeMs: nowMs,
      event: {
        eventId: newId(),
        eventType: "help_stop",
        eventTime: new Date(nowMs).toISOString(),
        ...(helpId !== unnamedHelp && { helpId }),
        reason: "expired",
      },
    }));
    return { receivedMs: nowMs, events, refused: [] };
  }

  *#disconnected(students: Iterable<StudentState>): Iterable<StudentState> {
    for (const student of students) if (!this.#deps.isConnected(student.id)) yield student;
  }
}
