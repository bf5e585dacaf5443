import type { LoggedEvent } from "../../../sinks/sink.ts";
import type { Lesson, ReferenceCell } from "../../lesson.ts";
import { referenceOf } from "./reference.ts";
import { WorkTable } from "./work-table.ts";

/** Cells told apart without a reference; what comes after them is counted together. */
export const countedCells = 500;

/** What a class has done on one cell. */
export interface Cell {
  /** Tells it from others of its scope. */
  readonly key: string;
  readonly notebook?: string | undefined;
  readonly cellId?: string | undefined;
  /** Where it was last met; the reference's cells stand where the reference says. */
  cellIndex?: number | undefined;
  /** When that was, Unix ms. */
  metMs: number;
  /** Place in the reference. */
  readonly place?: number | undefined;
  version: number;
  readonly work: WorkTable;
}

/** Cells that are the students' own, or too many. */
const ownKey = "own";

export class Cells {
  readonly list: Cell[] = [];
  readonly #byKey = new Map<string, number>();

  add(cell: Cell): number {
    this.list.push(cell);
    this.#byKey.set(cell.key, this.list.length - 1);
    return this.list.length - 1;
  }

  /** Number of the cell that an event names, put in if it is met for the first time; undefined: it names none. */
  of({ event, timeMs, version }: LoggedEvent, lesson: Lesson | undefined): number | undefined {
    const { notebookPath: notebook, cellId, cellIndex, gradeId } = event;
    if (cellId === undefined && cellIndex === undefined && gradeId === undefined) return undefined;
    const reference = referenceOf(lesson);
    const place = reference?.placeOf(event);
    if (place !== undefined) return this.#byKey.get(referenceKey(place));
    const key = reference ? ownKey : `${notebook ?? ""}#${cellId ?? cellIndex ?? gradeId}`;
    const known = this.#byKey.get(key);
    if (known === undefined) {
      const isOwn = reference !== undefined || this.list.length >= countedCells;
      const cell = { version, metMs: cellIndex === undefined ? 0 : timeMs, work: new WorkTable() };
      if (!isOwn) return this.add({ key, notebook, cellId, cellIndex, ...cell });
      return this.#byKey.get(ownKey) ?? this.add({ key: ownKey, ...cell });
    }
    const cell = this.list[known];
    if (cell && key !== ownKey && cellIndex !== undefined) meetAt(cell, cellIndex, timeMs);
    return known;
  }
}

/** Cells move when others are put in before them. */
function meetAt(cell: Cell, cellIndex: number, timeMs: number): void {
  const isLater = cell.cellIndex === undefined || timeMs > cell.metMs;
  if (!isLater && (timeMs < cell.metMs || cellIndex <= (cell.cellIndex ?? 0))) return;
  cell.cellIndex = cellIndex;
  cell.metMs = timeMs;
}

function referenceKey(place: number): string {
  return `reference/${place}`;
}

/** The reference's cells, which are there before anybody has reached them. */
export function cellsOf(lesson: Lesson | undefined, version: number): Cells {
  const cells = new Cells();
  for (const [place, { cellId, index }] of referenceOf(lesson)?.cells.entries() ?? []) {
    const key = referenceKey(place);
    cells.add({ key, cellId, cellIndex: index, metMs: 0, place, version, work: new WorkTable() });
  }
  return cells;
}

/** What a cell is in the reference; undefined: it is none of its. */
export function referenceCellOf(cell: Cell, lesson: Lesson | undefined): ReferenceCell | undefined {
  return cell.place === undefined ? undefined : referenceOf(lesson)?.cells[cell.place];
}

export function isOwn({ key }: Cell): boolean {
  return key === ownKey;
}

/** The cells of a lesson that check an exercise: those that follow it, up to the next one. */
export function checksOf(cells: Cells, cell: Cell, lesson: Lesson | undefined): readonly Cell[] {
  if (referenceCellOf(cell, lesson)?.role !== "exercise") return [];
  const checks: Cell[] = [];
  // The reference's cells come first in the list, in its order.
  for (const next of cells.list.slice((cell.place ?? 0) + 1)) {
    const role = referenceCellOf(next, lesson)?.role;
    if (role === undefined || role === "exercise") break;
    if (role === "check") checks.push(next);
  }
  return checks;
}

/** The exercise whose check a cell is: when one changes, so does the other. */
export function exerciseOf(cells: Cells, cell: Cell, lesson: Lesson | undefined): number | undefined {
  if (cell.place === undefined || referenceCellOf(cell, lesson)?.role !== "check") return undefined;
  for (let place = cell.place - 1; place >= 0; place -= 1) {
    const before = cells.list[place];
    if (before && referenceCellOf(before, lesson)?.role === "exercise") return place;
  }
  return undefined;
}
