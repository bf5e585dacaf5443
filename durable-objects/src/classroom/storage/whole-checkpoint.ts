import * as v from "valibot";
import { newBoard } from "../state/board/board.ts";
import { storeBoard, storedBoardSchema } from "../state/board/stored.ts";
import { lessonSchema } from "../lesson.ts";
import type { StoredState } from "../state/class-state.ts";
import { storeStudent } from "../state/stored-student.ts";
import { studentStateSchema } from "../state/student-state.ts";
import { studentsPerGroup } from "../state/students.ts";

const headSchema = v.object({
  version: v.number(),
  sessions: v.array(v.unknown()),
  students: v.union([v.array(v.string()), v.array(studentStateSchema)]),
  waiting: v.optional(v.array(v.string()), []),
  notebooks: v.array(v.unknown()),
  board: v.optional(v.object({ ...storedBoardSchema.entries, lesson: v.optional(lessonSchema) })),
});

/**
 * Takes a checkpoint of the form in which all stood in one text, whose parts have numbers for names: a line for the
 * class, and one for each student, who before that stood in the class's.
 */
export function takeWholeCheckpoint(sql: SqlStorage): StoredState | undefined {
  const parts = sql
    .exec<{ body: string }>("SELECT body FROM checkpoint WHERE part < ':' ORDER BY part")
    .toArray();
  if (parts.length === 0) return undefined;
  sql.exec("DELETE FROM checkpoint WHERE part < ':'");
  return partWhole(parts.map(({ body }) => body).join(""));
}

/** Such a checkpoint in the form in which its parts are read one by one. */
export function partWhole(whole: string): StoredState {
  const [first = "", ...lines] = whole.split("\n");
  const { version, sessions, students, waiting, notebooks, board } = v.parse(headSchema, JSON.parse(first));
  const ids = students.map((student) => (typeof student === "string" ? student : student.id));
  const stored = students.map((student, place) =>
    typeof student === "string" ? (lines[place] ?? "") : storeStudent(student),
  );
  const groups = new Map<number, string>();
  for (let group = 0; group * studentsPerGroup < stored.length; group += 1) {
    const members = stored.slice(group * studentsPerGroup, (group + 1) * studentsPerGroup);
    groups.set(group, members.join("\n"));
  }
  const sizes = Array.from(groups.values(), ({ length }) => length);
  const { lesson, ...counted } = { lesson: undefined, ...(board ?? storeBoard(newBoard())) };
  const list = { ids, waiting, sizes };
  const head = { version, sessions, students: list, lesson: lesson && JSON.stringify(lesson) };
  const text = `${JSON.stringify(head)}\n${JSON.stringify({ notebooks, board: counted })}`;
  return { text, groups, size: sizes.reduce((sum, size) => sum + size, text.length) };
}
