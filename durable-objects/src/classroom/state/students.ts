import type { LoggedEvent } from "../../sinks/sink.ts";
import { restoreStudent, storeStudent } from "./stored-student.ts";
import { newStudent, openHelp, type StudentState } from "./student-state.ts";

/** Students that a checkpoint keeps in one row: to ask for one of them is to read so many. */
export const studentsPerGroup = 16;

/** What is known of a class's students without reading them. */
export interface StudentList {
  /** In the order they were met. */
  readonly ids: readonly string[];
  /** Of them, who had a hand up. */
  readonly waiting: readonly string[];
  /** Of each group, in UTF-16 units. */
  readonly sizes: readonly number[];
}

export interface StoredStudents {
  readonly list: StudentList;
  /** The groups that may have changed since they were read, by their numbers: a line for each student. */
  readonly groups: ReadonlyMap<number, string>;
}

/** Folds an event that was logged after the checkpoint into its student. */
type CatchUp = (student: StudentState, logged: LoggedEvent) => void;

interface Known {
  readonly place: number;
  /** Undefined: nobody has asked yet. */
  student: StudentState | undefined;
}

/**
 * The students of a class. What checkpoint and log say of a student is read when somebody asks: most of what wakes a
 * class concerns one of hundreds.
 */
export class Students {
  readonly #byId: Map<string, Known>;
  /** Of those not read: who has a hand up as the checkpoint knows it. */
  readonly #waiting: ReadonlySet<string>;
  readonly #readGroup: (group: number) => string;
  /** Lines of the groups of which some were read and some were not. */
  readonly #lines = new Map<number, readonly string[]>();
  readonly #sizes: number[];
  /** How many students the checkpoint has. */
  #storedCount: number;
  readonly #behind = new Map<string, LoggedEvent[]>();
  #catchUp: CatchUp = () => {};

  constructor(
    { ids, waiting, sizes }: StudentList = { ids: [], waiting: [], sizes: [] },
    readGroup: (group: number) => string = () => "",
  ) {
    this.#byId = new Map(ids.map((id, place) => [id, { place, student: undefined }]));
    this.#waiting = new Set(waiting);
    this.#sizes = [...sizes];
    this.#storedCount = ids.length;
    this.#readGroup = readGroup;
  }

  get size(): number {
    return this.#byId.size;
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  get(id: string): StudentState | undefined {
    const known = this.#byId.get(id);
    if (!known) return undefined;
    known.student ??= this.#read(id, known.place);
    return known.student;
  }

  /** A student as they are known, or met for the first time. */
  of(id: string): StudentState {
    const known = this.get(id);
    if (known) return known;
    const student = newStudent(id);
    this.set(id, student);
    return student;
  }

  set(id: string, student: StudentState): void {
    const known = this.#byId.get(id);
    if (known) known.student = student;
    else this.#byId.set(id, { place: this.#byId.size, student });
  }

  /** Removes a student. All others are read for it, and every group is written anew. */
  forget(id: string): void {
    const left = Array.from(this.values()).filter((student) => student.id !== id);
    this.#byId.clear();
    for (const student of left) this.set(student.id, student);
    this.#behind.clear();
    this.#lines.clear();
    this.#sizes.length = 0;
    this.#storedCount = 0;
  }

  /** Those of the named that are known. */
  known(ids: Iterable<string>): StudentState[] {
    return Array.from(ids, (id) => this.get(id)).filter((student) => student !== undefined);
  }

  keys(): Iterable<string> {
    return this.#byId.keys();
  }

  *values(): Generator<StudentState> {
    for (const id of this.#byId.keys()) {
      const student = this.get(id);
      if (student) yield student;
    }
  }

  /** Those with a hand up, and nobody else is read for it. */
  *waiting(): Generator<StudentState> {
    for (const id of this.#byId.keys()) {
      const student = this.#ifWaiting(id);
      if (student) yield student;
    }
  }

  /** Whether a student has a hand up. */
  isWaiting(id: string): boolean {
    return this.#ifWaiting(id) !== undefined;
  }

  /** Takes events that are to be folded once their students are asked for. */
  defer(events: readonly LoggedEvent[], catchUp: CatchUp): void {
    this.#catchUp = catchUp;
    for (const logged of events) {
      const { studentId } = logged;
      const known = this.#byId.get(studentId);
      if (!known) this.#byId.set(studentId, { place: this.#byId.size, student: undefined });
      const behind = this.#behind.get(studentId);
      if (known?.student) catchUp(known.student, logged);
      else if (behind) behind.push(logged);
      else this.#behind.set(studentId, [logged]);
    }
  }

  /** As a checkpoint takes them. */
  store(): StoredStudents {
    const groups = new Map<number, string>();
    const ids = [...this.#byId.keys()];
    for (let group = 0; group * studentsPerGroup < ids.length; group += 1) {
      const members = ids.slice(group * studentsPerGroup, (group + 1) * studentsPerGroup);
      const text = this.#storeGroup(group, members);
      if (text === undefined) continue;
      groups.set(group, text);
      this.#sizes[group] = text.length;
    }
    this.#storedCount = ids.length;
    const waiting = Array.from(this.waiting(), ({ id }) => id);
    return { list: { ids, waiting, sizes: [...this.#sizes] }, groups };
  }

  /** Undefined: nothing of it was read, and nothing was logged since. */
  #storeGroup(group: number, ids: readonly string[]): string | undefined {
    for (const id of ids) if (this.#behind.has(id)) this.get(id);
    const students = ids.map((id) => this.#byId.get(id)?.student);
    if (students.every((student) => student === undefined)) return undefined;
    const lines = students.map((student, place) =>
      student ? storeStudent(student) : (this.#linesOf(group)[place] ?? ""),
    );
    if (students.includes(undefined)) this.#lines.set(group, lines);
    else this.#lines.delete(group);
    return lines.join("\n");
  }

  #ifWaiting(id: string): StudentState | undefined {
    const student = this.#byId.get(id)?.student ?? (this.#mayWait(id) ? this.get(id) : undefined);
    return student && openHelp(student) ? student : undefined;
  }

  /** Of one who was not read: only raising a hand makes somebody wait. */
  #mayWait(id: string): boolean {
    const behind = this.#behind.get(id) ?? [];
    return this.#waiting.has(id) || behind.some(({ event }) => event.eventType === "help");
  }

  #read(id: string, place: number): StudentState {
    const student = place < this.#storedCount ? restoreStudent(id, this.#lineAt(place)) : newStudent(id);
    const behind = this.#behind.get(id) ?? [];
    this.#behind.delete(id);
    for (const logged of behind) this.#catchUp(student, logged);
    return student;
  }

  #lineAt(place: number): string {
    return this.#linesOf(Math.floor(place / studentsPerGroup))[place % studentsPerGroup] ?? "";
  }

  /** JSON holds no line's end of its own. */
  #linesOf(group: number): readonly string[] {
    const known = this.#lines.get(group);
    if (known) return known;
    const lines = this.#readGroup(group).split("\n");
    this.#lines.set(group, lines);
    return lines;
  }
}
