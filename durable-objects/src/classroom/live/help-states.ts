import type { HelpStateFrame } from "@cell-monitor/protocol";
import type { ClassState } from "../state/class-state.ts";
import { claimOf, openHelp } from "../state/student-state.ts";
import { sendQuietly, type Socket } from "./socket.ts";

export interface HelpStatesDeps {
  readonly state: ClassState;
  /** Connections of a student whose credential still stands. */
  sockets(studentId: string): readonly Socket[];
}

/** Tells students who wait for help where they stand. */
export class HelpStates {
  readonly #deps: HelpStatesDeps;
  /** What each student who waits was told last. */
  #told: Map<string, HelpStateFrame>;

  constructor(deps: HelpStatesDeps) {
    this.#deps = deps;
    // What was told before a sleep was the queue as it is now: nothing has changed since.
    this.#told = this.#queue();
  }

  /** Where a student's open request stands now; undefined: there is none. */
  of(studentId: string): HelpStateFrame | undefined {
    // Without a request of one's own the queue need not be looked at.
    return this.#deps.state.students.isWaiting(studentId) ? this.#queue().get(studentId) : undefined;
  }

  /** A connection is open: what may have been missed without one. */
  greet(socket: Socket, studentId: string): void {
    const frame = this.of(studentId);
    if (frame) sendQuietly(socket, JSON.stringify(frame));
  }

  /** A request was made, claimed, or ended: those behind it move. */
  changed(): void {
    const queue = this.#queue();
    for (const [studentId, frame] of queue) {
      const told = this.#told.get(studentId);
      if (JSON.stringify(told) !== JSON.stringify(frame)) this.#tell(studentId, frame);
      if (told && told.helpId !== frame.helpId) this.#tell(studentId, closed(told));
    }
    for (const [studentId, told] of this.#told) {
      if (!queue.has(studentId)) this.#tell(studentId, closed(told));
    }
    this.#told = queue;
  }

  #queue(): Map<string, HelpStateFrame> {
    const waiting = Array.from(this.#deps.state.students.waiting()).flatMap((student) => {
      const open = openHelp(student);
      if (!open) return [];
      const { help, sinceMs } = open;
      return [{ studentId: student.id, sinceMs, helpId: help.helpId, claim: claimOf(help) }];
    });
    waiting.sort((x, y) => x.sinceMs - y.sinceMs);
    let position = 0;
    return new Map(
      waiting.map(({ studentId, helpId, claim }): [string, HelpStateFrame] => {
        if (claim) {
          const claimedBy = claim.name === undefined ? {} : { claimedBy: claim.name };
          return [studentId, { type: "help_state", helpId, state: "claimed", ...claimedBy }];
        }
        // Somebody is on the way to those who are claimed: they stand before nobody.
        position += 1;
        return [studentId, { type: "help_state", helpId, state: "waiting", position }];
      }),
    );
  }

  #tell(studentId: string, frame: HelpStateFrame): void {
    for (const socket of this.#deps.sockets(studentId)) sendQuietly(socket, JSON.stringify(frame));
  }
}

function closed({ helpId }: HelpStateFrame): HelpStateFrame {
  return { type: "help_state", helpId, state: "closed" };
}
