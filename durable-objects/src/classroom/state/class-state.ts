import * as v from "valibot";
import { sessionMarkSchema } from "../ingest/watermarks.ts";
import type { SessionMark } from "../ingest/watermarks.ts";
import { newBoard } from "./board/board.ts";
import type { Board } from "./board/board-state.ts";
import { restoreBoard, storeBoard, storedBoardSchema } from "./board/stored.ts";
import { newStudent, type StudentState, studentStateSchema } from "./student-state.ts";
import { Students } from "./students.ts";

const notebookStateSchema = v.object({ path: v.string(), version: v.number(), cellCount: v.number() });
export type NotebookState = v.InferOutput<typeof notebookStateSchema>;

/** The first line of a checkpoint; each further one is a student, in the order of `students`. */
const headSchema = v.object({
  version: v.number(),
  sessions: v.array(v.tuple([v.string(), sessionMarkSchema])),
  /** Once they stood here whole. */
  students: v.union([v.array(v.string()), v.array(studentStateSchema)]),
  waiting: v.optional(v.array(v.string()), []),
  notebooks: v.array(notebookStateSchema),
  board: v.optional(storedBoardSchema),
});

/** What a class knows: everything its log says, folded. */
export interface ClassState {
  /** Of the last event folded. */
  version: number;
  readonly sessions: Map<string, SessionMark>;
  readonly students: Students;
  readonly notebooks: Map<string, NotebookState>;
  /** What it knows together, beyond each student. */
  readonly board: Board;
}

export function newClassState(): ClassState {
  return {
    version: 0,
    sessions: new Map(),
    students: new Students(),
    notebooks: new Map(),
    board: newBoard(),
  };
}

export function studentOf(state: ClassState, id: string): StudentState {
  let student = state.students.get(id);
  if (!student) {
    student = newStudent(id);
    state.students.set(id, student);
  }
  return student;
}

export function serializeState(state: ClassState): string {
  const { ids, waiting, lines } = state.students.store();
  const head = JSON.stringify({
    version: state.version,
    sessions: [...state.sessions],
    students: ids,
    waiting,
    notebooks: [...state.notebooks.values()],
    board: storeBoard(state.board),
  });
  // JSON holds no line's end of its own.
  return [head, ...lines].join("\n");
}

export function parseState(text: string): ClassState {
  const [head = "", ...lines] = text.split("\n");
  const { version, sessions, students, waiting, notebooks, board } = v.parse(headSchema, JSON.parse(head));
  return {
    version,
    sessions: new Map(sessions),
    students: restoreStudents(students, waiting, lines),
    notebooks: new Map(notebooks.map((notebook) => [notebook.path, notebook])),
    board: board ? restoreBoard(board) : newBoard(),
  };
}

function restoreStudents(
  stored: readonly (string | StudentState)[],
  waiting: readonly string[],
  lines: readonly string[],
): Students {
  const students = new Students({ ids: stored.filter((each) => typeof each === "string"), waiting, lines });
  for (const student of stored) if (typeof student !== "string") students.set(student.id, student);
  return students;
}
