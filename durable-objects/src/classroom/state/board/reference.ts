import type { ClassEvent } from "@cell-monitor/protocol";
import type { Lesson, ReferenceCell } from "../../lesson.ts";

/** Finds the reference's cell that a student's cell is a copy of. */
export interface Reference {
  readonly cells: readonly ReferenceCell[];
  /** Place in `cells`; undefined: the cell is the student's own. */
  placeOf(event: ClassEvent): number | undefined;
}

const references = new WeakMap<Lesson, Reference>();

/** The reference of a lesson, made once a lesson. */
export function referenceOf(lesson: Lesson | undefined): Reference | undefined {
  if (!lesson?.reference) return undefined;
  let reference = references.get(lesson);
  if (!reference) {
    reference = makeReference(lesson.reference);
    references.set(lesson, reference);
  }
  return reference;
}

/** By nbgrader's id, then cell id, then source, then order: the first three survive a cell that is put in between. */
function makeReference({ notebook, cells }: NonNullable<Lesson["reference"]>): Reference {
  const byGradeId = placesBy(cells, ({ gradeId }) => gradeId);
  const byCellId = placesBy(cells, ({ cellId }) => cellId);
  const bySource = placesBy(cells, ({ sourceHash }) => sourceHash);
  const byIndex = placesBy(cells, ({ index }) => index);
  return {
    cells,
    placeOf({ gradeId, cellId, sourceHash, cellIndex, notebookPath }) {
      const named = found(byGradeId, gradeId) ?? found(byCellId, cellId) ?? found(bySource, sourceHash);
      // A grade id that the reference lacks names a cell that it lacks.
      if (named !== undefined || gradeId !== undefined) return named;
      return notebook === undefined || nameOf(notebookPath) === nameOf(notebook)
        ? found(byIndex, cellIndex)
        : undefined;
    },
  };
}

/** What two cells share names neither of them. */
function placesBy<T>(
  cells: readonly ReferenceCell[],
  nameOf: (cell: ReferenceCell) => T | undefined,
): ReadonlyMap<T, number> {
  const places = new Map<T, number>();
  const shared = new Set<T>();
  for (const [place, cell] of cells.entries()) {
    const name = nameOf(cell);
    if (name === undefined) continue;
    if (places.has(name)) shared.add(name);
    places.set(name, place);
  }
  for (const name of shared) places.delete(name);
  return places;
}

function found<T>(places: ReadonlyMap<T, number>, name: T | undefined): number | undefined {
  return name === undefined ? undefined : places.get(name);
}

function nameOf(path: string | undefined): string | undefined {
  return path?.slice(path.lastIndexOf("/") + 1);
}
