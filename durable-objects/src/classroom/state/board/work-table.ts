import { newWork, studentOf, type Work, workLength } from "./work.ts";

/**
 * What each student did on one cell. Read from a checkpoint it stays the text it was until somebody asks: who wakes
 * for one student's event doesn't look at what two hundred did on forty cells.
 */
export class WorkTable {
  #packed: string;
  #byStudent: Map<number, Work> | undefined;

  constructor(packed = "") {
    this.#packed = packed;
  }

  of(student: number): Work | undefined {
    return this.#load().get(student);
  }

  begin(student: number): Work {
    const work = newWork(student);
    this.#load().set(student, work);
    return work;
  }

  all(): Iterable<Work> {
    return this.#load().values();
  }

  pack(): string {
    return this.#byStudent
      ? Array.from(this.#byStudent.values(), (work) => work.join()).join()
      : this.#packed;
  }

  #load(): Map<number, Work> {
    this.#byStudent ??= unpack(this.#packed);
    return this.#byStudent;
  }
}

function unpack(packed: string): Map<number, Work> {
  const numbers: unknown = JSON.parse(`[${packed}]`);
  if (!isNumbers(numbers) || numbers.length % workLength !== 0)
    throw new Error("A cell's record is no record.");
  const byStudent = new Map<number, Work>();
  for (let start = 0; start < numbers.length; start += workLength) {
    const work = numbers.slice(start, start + workLength);
    byStudent.set(studentOf(work), work);
  }
  return byStudent;
}

export function isNumbers(value: unknown): value is number[] {
  if (!Array.isArray(value)) return false;
  for (const entry of value) if (typeof entry !== "number") return false;
  return true;
}
