import type { HelpStateFrame } from "@cell-monitor/protocol";
import type { ClassState } from "../state/class-state.ts";
import { openHelp } from "../state/student-state.ts";
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

  /** A request was made, or ended: those behind it move. */
  changed(): void {
    const queue = this.#queue();
    for (const [studentId, frame] of queue) {
      const told = this.#told.get(studentId);
      if (told?.helpId !== frame.helpId || told.position !== frame.position) this.#tell(studentId, frame);
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
      return open ? [{ studentId: student.id, sinceMs: open.sinceMs, helpId: open.help.helpId }] : [];
    });
    waiting.sort((a, b) => a.sinceMs - b.sinceMs);
    return new Map(
      waiting.map(({ studentId, helpId }, index) => [
        studentId,
        { type: "help_state", helpId, state: "waiting", position: index + 1 },
      ]),
    );
  }

  #tell(studentId: string, frame: HelpStateFrame): void {
    for (const socket of this.#deps.sockets(studentId)) sendQuietly(socket, JSON.stringify(frame));
  }
}

function closed({ helpId }: HelpStateFrame): HelpStateFrame {
  return { type: "help_state", helpId, state: "closed" };
}
