import type { StudentData, StudentStatus } from "@cell-monitor/protocol";

export interface Place {
  readonly notebook?: string | undefined;
  readonly cellIndex?: number | undefined;
}

/** Where a student is: the cell that runs, else the one they last worked on. */
export function placeOf(student: StudentData): Place {
  return student.running ?? student.place ?? {};
}

export interface Located {
  readonly notebook: string | undefined;
  readonly cellIndex: number | undefined;
  readonly status: StudentStatus;
}

export interface CellCrowd {
  readonly cellIndex: number;
  readonly total: number;
  /** With a raised hand, or stuck. */
  readonly blocked: number;
  readonly erring: number;
  readonly idle: number;
}

const elsewhere: ReadonlySet<StudentStatus> = new Set(["not_sharing", "away", "not_connected"]);

/** The notebook most of those present are in; the alphabet breaks a tie. */
export function mainNotebook(students: readonly Located[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { notebook, status } of students) {
    if (notebook === undefined || elsewhere.has(status)) continue;
    counts.set(notebook, (counts.get(notebook) ?? 0) + 1);
  }
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))[0]?.[0];
}

/** A cell's index is a student's word: one who says a billion must not fill the page. */
const mostCells = 400;

/** How many of those present are at each cell of a notebook. */
export function crowdsByCell(
  students: readonly Located[],
  notebook: string,
  cellCount: number,
): readonly CellCrowd[] {
  const length = Math.min(cellCount, mostCells);
  const crowds: CellCrowd[] = Array.from({ length }, (_, cellIndex) => emptyCrowd(cellIndex));
  for (const { notebook: where, cellIndex, status } of students) {
    if (where !== notebook || elsewhere.has(status)) continue;
    if (cellIndex === undefined || cellIndex >= mostCells) continue;
    const crowd = crowds[cellIndex] ?? emptyCrowd(cellIndex);
    crowds[cellIndex] = {
      cellIndex,
      total: crowd.total + 1,
      blocked: crowd.blocked + (status === "help" || status === "stuck" ? 1 : 0),
      erring: crowd.erring + (status === "error" ? 1 : 0),
      idle: crowd.idle + (status === "idle" ? 1 : 0),
    };
  }
  // A student's own copy may have more cells than anybody has shown; holes up to there are empty cells.
  return Array.from(crowds, (crowd, cellIndex) => crowd ?? emptyCrowd(cellIndex));
}

function emptyCrowd(cellIndex: number): CellCrowd {
  return { cellIndex, total: 0, blocked: 0, erring: 0, idle: 0 };
}

/** A notebook's name without its folders and its ending. */
export function notebookName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1).replace(/\.ipynb$/, "");
}
