import * as v from "valibot";
import type { ClassState } from "../state/class-state.ts";
import { openHelp, type StudentState } from "../state/student-state.ts";
import type { Meta } from "../storage/meta.ts";
import type { Socket } from "./socket.ts";
import { studentTag } from "./student-sockets.ts";

/** When students who wait for help lost their connection, or were found without one on waking, Unix ms. */
const leftSchema = v.record(v.string(), v.number());

export interface PresenceDeps {
  readonly state: ClassState;
  readonly meta: Meta;
  now(): number;
  sockets(tag: string): readonly Socket[];
}

/** Who is connected. Told by the sockets themselves, so that it needs no place in the log. */
export class Presence {
  readonly #deps: PresenceDeps;
  /** Closed, though the platform may still list them. */
  readonly #closed = new WeakSet<Socket>();
  /** Version of the class when a student's connection last came or went. */
  readonly #changedAt = new Map<string, number>();
  /** As of `leftSchema`. */
  readonly #left: Map<string, number>;
  /** What happened to the connections before is not known: for all students, it may be now. */
  readonly #wokeAt: number;

  constructor(deps: PresenceDeps) {
    this.#deps = deps;
    this.#wokeAt = deps.state.version;
    this.#left = new Map(Object.entries(deps.meta.read("left", leftSchema) ?? {}));
    this.#recall();
  }

  isConnected(studentId: string): boolean {
    return this.#deps.sockets(studentTag(studentId)).some((socket) => !this.#closed.has(socket));
  }

  /** Whether a student's connection may have come or gone since the class was at a version. */
  hasChangedSince(studentId: string, version: number): boolean {
    return (this.#changedAt.get(studentId) ?? this.#wokeAt) >= version;
  }

  opened(studentId: string): void {
    this.#changedAt.set(studentId, this.#deps.state.version);
    if (this.#left.delete(studentId)) this.#keep();
  }

  closed(socket: Socket, studentId: string): void {
    this.#closed.add(socket);
    if (this.isConnected(studentId)) return;
    this.#changedAt.set(studentId, this.#deps.state.version);
    const student = this.#deps.state.students.get(studentId);
    if (!student) return;
    student.seenMs = Math.max(student.seenMs, this.#deps.now());
    // A raised hand is lowered some time after its student was last there, which must outlive this instance.
    if (openHelp(student)) this.#note([student]);
  }

  /** Students are no longer known. */
  forgotten(): void {
    this.#note([]);
  }

  #note(students: readonly StudentState[]): void {
    for (const { id, seenMs } of students) this.#left.set(id, seenMs);
    for (const id of this.#left.keys()) {
      const student = this.#deps.state.students.get(id);
      if (!student || !openHelp(student)) this.#left.delete(id);
    }
    this.#keep();
  }

  #keep(): void {
    this.#deps.meta.write("left", Object.fromEntries(this.#left));
  }

  #recall(): void {
    const { state, now } = this.#deps;
    for (const [id, seenMs] of this.#left) {
      const student = state.students.get(id);
      if (student) student.seenMs = Math.max(student.seenMs, seenMs);
    }
    // A restart closes connections without a word: who may have had one is given the time to come back, once.
    const cut = Array.from(state.students.waiting()).filter((student) => this.#mayBeCut(student));
    for (const student of cut) student.seenMs = Math.max(student.seenMs, now());
    if (cut.length > 0) this.#note(cut);
  }

  #mayBeCut(student: StudentState): boolean {
    const leftMs = this.#left.get(student.id);
    const hasLeft = leftMs !== undefined && leftMs >= (openHelp(student)?.sinceMs ?? 0);
    return !hasLeft && !this.isConnected(student.id);
  }
}
