import type { RecordedRun } from "./course.ts";

/** A code cell as a student has it in front of them. */
export interface CellPlace {
  readonly cellId: string;
  readonly cellIndex: number;
  readonly cellTags: string[];
}

/** A version of a cell that was run, and what came of it. */
export type Outcome =
  | { readonly status: "ok" | "error"; readonly recorded: RecordedRun }
  | { readonly status: "interrupted"; readonly source: string; readonly sourceHash: string };

export interface Run {
  /** Counted from 1 in each lesson of a student. */
  readonly number: number;
  readonly executionCount: number;
  readonly place: CellPlace;
  readonly outcome: Outcome;
  readonly durationMs: number;
}

/** What a student does that somebody could see, or what happens to them. */
export type Deed =
  | { readonly kind: "page_open" }
  | { readonly kind: "page_close" }
  | { readonly kind: "notebook_open" | "notebook_save" | "notebook_close"; readonly path: string }
  | { readonly kind: "run_start" | "run_end"; readonly path: string; readonly run: Run }
  | {
      readonly kind: "help" | "help_stop";
      readonly path: string;
      /** Counted from 1 in each lesson of a student. */
      readonly number: number;
      readonly place: CellPlace;
      readonly note: string;
    }
  | { readonly kind: "progress"; readonly path: string; readonly passed: number; readonly total: number }
  | { readonly kind: "checkin"; readonly choice: "done" | "stuck" | "more_time" }
  | { readonly kind: "kernel_restart"; readonly path: string }
  | { readonly kind: "activity" }
  /** Their connection goes, or comes back. */
  | { readonly kind: "offline" | "online" };

export interface Action {
  /** From the start of the lesson. */
  readonly atMs: number;
  /** Place in the roster. */
  readonly student: number;
  readonly deed: Deed;
}
