import { type ClassEvent, normalizeMessage } from "@cell-monitor/protocol";
import { addBit, type Bits } from "./bits.ts";

/** Different mistakes told apart; what comes after them is counted together. */
export const countedErrors = 200;
/** Cells listed of one mistake. */
const listedCells = 16;
const longestMessage = 300;
/** A fingerprint is 128 characters at most and made of printable ones: none is empty. */
const otherKey = "";

/** One mistake, whoever made it. */
export interface ErrorGroup {
  readonly key: string;
  name: string;
  /** Without the values that differ from student to student; only where the class collects messages. */
  message: string | undefined;
  count: number;
  lastMs: number;
  readonly students: Bits;
  /** Numbers of the cells it was made in. */
  readonly cells: number[];
  version: number;
}

export interface ErrorMade {
  readonly event: ClassEvent;
  readonly student: number;
  readonly cell: number | undefined;
  readonly timeMs: number;
  readonly version: number;
}

export class ErrorGroups {
  readonly list: ErrorGroup[] = [];
  readonly #byKey = new Map<string, number>();

  add(group: ErrorGroup): number {
    this.list.push(group);
    this.#byKey.set(group.key, this.list.length - 1);
    return this.list.length - 1;
  }

  /** @returns the number of the group that the error is counted in */
  note({ event, student, cell, timeMs, version }: ErrorMade): number {
    const name = event.errorName ?? "Error";
    const index = this.#of(event.errorFingerprint ?? name);
    const group = this.list[index];
    if (!group) return index;
    if (group.key !== otherKey) {
      // A client may give other errors one fingerprint: then any order must still choose the same of them.
      if (group.name === "" || name < group.name) group.name = name;
      group.message ??= messageOf(event);
    }
    group.count += 1;
    group.lastMs = Math.max(group.lastMs, timeMs);
    addBit(group.students, student);
    if (cell !== undefined && group.cells.length < listedCells && !group.cells.includes(cell))
      group.cells.push(cell);
    group.version = Math.max(group.version, version);
    return index;
  }

  #of(fingerprint: string): number {
    const known = this.#byKey.get(fingerprint);
    if (known !== undefined) return known;
    const key = this.list.length < countedErrors ? fingerprint : otherKey;
    return this.#byKey.get(key) ?? this.add(emptyGroup(key));
  }
}

function emptyGroup(key: string): ErrorGroup {
  return { key, name: "", message: undefined, count: 0, lastMs: 0, students: [], cells: [], version: 0 };
}

function messageOf({ errorMessage }: ClassEvent): string | undefined {
  return errorMessage === undefined ? undefined : normalizeMessage(errorMessage).slice(0, longestMessage);
}
