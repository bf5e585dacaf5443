import { restoreStudent, storeStudent } from "./stored-student.ts";
import { openHelp, type StudentState } from "./student-state.ts";

/** A class's students as its checkpoint has them: who they are, and a line for each, which need not be read to be kept. */
export interface StoredStudents {
  readonly ids: readonly string[];
  /** Of them, who had a hand up. */
  readonly waiting: readonly string[];
  readonly lines: readonly string[];
}

/**
 * The students of a class. What a checkpoint says of a student is read when somebody asks: most of what wakes a class
 * concerns one of hundreds.
 */
export class Students {
  /** A text is a student who has not been asked for since the checkpoint was read. */
  readonly #byId: Map<string, StudentState | string>;
  /** Of those: who has a hand up. */
  readonly #waiting: ReadonlySet<string>;

  constructor({ ids, waiting, lines }: StoredStudents = { ids: [], waiting: [], lines: [] }) {
    this.#byId = new Map(ids.map((id, index) => [id, lines[index] ?? ""]));
    this.#waiting = new Set(waiting);
  }

  get size(): number {
    return this.#byId.size;
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  get(id: string): StudentState | undefined {
    const known = this.#byId.get(id);
    if (typeof known !== "string") return known;
    const student = restoreStudent(id, known);
    this.#byId.set(id, student);
    return student;
  }

  set(id: string, student: StudentState): void {
    this.#byId.set(id, student);
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
    for (const [id, known] of this.#byId) {
      if (typeof known === "string" && !this.#waiting.has(id)) continue;
      const student = this.get(id);
      if (student && openHelp(student)) yield student;
    }
  }

  /** As a checkpoint takes them. */
  store(): StoredStudents {
    return {
      ids: [...this.#byId.keys()],
      waiting: Array.from(this.waiting(), ({ id }) => id),
      lines: Array.from(this.#byId.values(), (known) =>
        typeof known === "string" ? known : storeStudent(known),
      ),
    };
  }
}
