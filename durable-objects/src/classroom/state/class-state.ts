import * as v from "valibot";
import { sessionMarkSchema } from "../ingest/watermarks.ts";
import type { SessionMark } from "../ingest/watermarks.ts";
import { newBoard } from "./board/board.ts";
import type { Board } from "./board/board-state.ts";
import { restoreBoard, storeBoard, storedBoardSchema } from "./board/stored.ts";
import { newStudent, type StudentState, studentStateSchema } from "./student-state.ts";

const notebookStateSchema = v.object({ path: v.string(), version: v.number(), cellCount: v.number() });
export type NotebookState = v.InferOutput<typeof notebookStateSchema>;

const checkpointSchema = v.object({
  version: v.number(),
  sessions: v.array(v.tuple([v.string(), sessionMarkSchema])),
  students: v.array(studentStateSchema),
  notebooks: v.array(notebookStateSchema),
  board: v.optional(storedBoardSchema),
});

/** What a class knows: everything its log says, folded. */
export interface ClassState {
  /** Of the last event folded. */
  version: number;
  readonly sessions: Map<string, SessionMark>;
  readonly students: Map<string, StudentState>;
  readonly notebooks: Map<string, NotebookState>;
  /** What it knows together, beyond each student. */
  readonly board: Board;
}

export function newClassState(): ClassState {
  return { version: 0, sessions: new Map(), students: new Map(), notebooks: new Map(), board: newBoard() };
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
  return JSON.stringify({
    version: state.version,
    sessions: [...state.sessions],
    students: [...state.students.values()],
    notebooks: [...state.notebooks.values()],
    board: storeBoard(state.board),
  });
}

export function parseState(text: string): ClassState {
  const { version, sessions, students, notebooks, board } = v.parse(checkpointSchema, JSON.parse(text));
  return {
    version,
    sessions: new Map(sessions),
    students: new Map(students.map((student) => [student.id, student])),
    notebooks: new Map(notebooks.map((notebook) => [notebook.path, notebook])),
    board: board ? restoreBoard(board) : newBoard(),
  };
}
