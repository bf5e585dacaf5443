import * as v from "valibot";
import type { LoggedEvent } from "../../sinks/sink.ts";
import { sessionMarkSchema } from "../ingest/watermarks.ts";
import type { SessionMark } from "../ingest/watermarks.ts";
import { lessonSchema } from "../lesson.ts";
import { newBoard } from "./board/board.ts";
import type { Board } from "./board/board-state.ts";
import { restoreBoard, storeBoard, storedBoardSchema } from "./board/stored.ts";
import type { StudentState } from "./student-state.ts";
import { Students } from "./students.ts";

const notebookStateSchema = v.object({ path: v.string(), version: v.number(), cellCount: v.number() });
export type NotebookState = v.InferOutput<typeof notebookStateSchema>;

/** The first line of a checkpoint: what every waking needs. */
const headSchema = v.object({
  version: v.number(),
  sessions: v.array(v.tuple([v.string(), sessionMarkSchema])),
  students: v.object({ ids: v.array(v.string()), waiting: v.array(v.string()), sizes: v.array(v.number()) }),
  /** As JSON: to be compared, and hardly ever read. */
  lesson: v.optional(v.string()),
});

/** The second line: what the class knows beyond each student. */
const togetherSchema = v.object({ notebooks: v.array(notebookStateSchema), board: storedBoardSchema });

interface Together {
  readonly notebooks: Map<string, NotebookState>;
  readonly board: Board;
}

/** A checkpoint: the class, and its students in groups. */
export interface StoredState {
  readonly text: string;
  /** The groups that may have changed since they were read; the others stand as they were. */
  readonly groups: ReadonlyMap<number, string>;
  /** Of the whole checkpoint, in UTF-16 units. */
  readonly size: number;
}

/** A checkpoint, its groups of students to be read one by one. */
export interface ReadableState {
  readonly text: string;
  readGroup(group: number): string;
}

/** How what was logged after a checkpoint is folded once somebody asks for what it changes. */
export interface CatchUp {
  student(student: StudentState, logged: LoggedEvent): void;
  together(state: Together, logged: LoggedEvent): void;
}

/** What a class knows: everything its log says, folded. What a checkpoint says is read when somebody asks. */
export class ClassState {
  /** Of the last event folded. */
  version = 0;
  readonly sessions: Map<string, SessionMark>;
  readonly students: Students;
  /** Of the checkpoint it was read from, in UTF-16 units. */
  readonly storedSize: number = 0;
  /** The lesson in a checkpoint, and its second line. */
  readonly #stored: { readonly lesson: string | undefined; readonly text: string } | undefined;
  #together: Together | undefined;
  #behind: LoggedEvent[] = [];
  #catchUp: CatchUp["together"] = () => {};

  constructor(stored?: ReadableState) {
    if (!stored) {
      this.sessions = new Map();
      this.students = new Students();
      return;
    }
    // JSON holds no line's end of its own.
    const end = stored.text.indexOf("\n");
    const head = v.parse(headSchema, JSON.parse(stored.text.slice(0, end)));
    this.version = head.version;
    this.sessions = new Map(head.sessions);
    this.students = new Students(head.students, (group) => stored.readGroup(group));
    this.storedSize = sizeOf(stored.text, head.students.sizes);
    this.#stored = { lesson: head.lesson, text: stored.text.slice(end + 1) };
  }

  get notebooks(): Map<string, NotebookState> {
    return this.#read().notebooks;
  }

  /** What it knows together, beyond each student. */
  get board(): Board {
    return this.#read().board;
  }

  /** The lesson as JSON, for which nothing else has to be read. */
  get lesson(): string | undefined {
    if (!this.#together && this.#stored) return this.#stored.lesson;
    const { lesson } = this.board;
    return lesson && JSON.stringify(lesson);
  }

  /** Takes what was logged after the checkpoint. */
  defer(events: readonly LoggedEvent[], { student, together }: CatchUp): void {
    this.version = events.at(-1)?.version ?? this.version;
    this.students.defer(events, student);
    this.#behind.push(...events);
    this.#catchUp = together;
  }

  store(): StoredState {
    const { list, groups } = this.students.store();
    const { version, lesson } = this;
    const head = { version, sessions: [...this.sessions], students: list, lesson };
    const text = `${JSON.stringify(head)}\n${this.#storeTogether()}`;
    return { text, groups, size: sizeOf(text, list.sizes) };
  }

  #read(): Together {
    this.#together ??= this.#stored ? restoreTogether(this.#stored) : newTogether();
    if (this.#behind.length > 0) {
      for (const logged of this.#behind.splice(0)) this.#catchUp(this.#together, logged);
    }
    return this.#together;
  }

  #storeTogether(): string {
    if (!this.#together && this.#stored && this.#behind.length === 0) return this.#stored.text;
    const { notebooks, board } = this.#read();
    return JSON.stringify({ notebooks: [...notebooks.values()], board: storeBoard(board) });
  }
}

function sizeOf(text: string, groups: readonly number[]): number {
  return groups.reduce((sum, size) => sum + size, text.length);
}

function newTogether(): Together {
  return { notebooks: new Map(), board: newBoard() };
}

function restoreTogether({ text, lesson }: { text: string; lesson: string | undefined }): Together {
  const { notebooks, board } = v.parse(togetherSchema, JSON.parse(text));
  return {
    notebooks: new Map(notebooks.map((notebook) => [notebook.path, notebook])),
    board: restoreBoard(board, lesson === undefined ? undefined : v.parse(lessonSchema, JSON.parse(lesson))),
  };
}
