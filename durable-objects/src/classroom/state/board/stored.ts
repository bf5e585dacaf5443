import * as v from "valibot";
import type { Lesson } from "../../lesson.ts";
import type { Board } from "./board-state.ts";
import { Cells } from "./cells.ts";
import { ErrorGroups } from "./errors.ts";
import { Minutes } from "./minutes.ts";
import { isNumbers, WorkTable } from "./work-table.ts";

/** Written by this class: a look at each number is enough, and a schema of it would cost ten times that. */
const numbers = v.custom<number[]>(isNumbers);
const optionalText = v.nullable(v.string());
const optionalNumber = v.nullable(v.number());

/** A board in a checkpoint, without its lesson: lists instead of objects wherever there are many of a kind. */
export const storedBoardSchema = v.object({
  latestMs: v.number(),
  scope: v.object({ kind: v.picklist(["lesson", "day"]), startMs: v.number() }),
  number: v.number(),
  sinceVersion: v.number(),
  cells: v.array(
    v.tuple([
      v.string(),
      optionalText,
      optionalText,
      optionalNumber,
      v.number(),
      optionalNumber,
      v.number(),
      v.string(),
    ]),
  ),
  errors: v.array(
    v.tuple([v.string(), v.string(), optionalText, v.number(), v.number(), numbers, numbers, v.number()]),
  ),
  minutes: v.array(numbers),
  hands: v.array(v.tuple([v.string(), v.number()])),
  students: v.array(v.string()),
});
export type StoredBoard = v.InferOutput<typeof storedBoardSchema>;

export function storeBoard({ latestMs, current, minutes, students }: Board): StoredBoard {
  const { scope, number, sinceVersion, cells, errors } = current;
  return {
    latestMs,
    scope,
    number,
    sinceVersion,
    cells: cells.list.map((cell) => [
      cell.key,
      cell.notebook ?? null,
      cell.cellId ?? null,
      cell.cellIndex ?? null,
      cell.metMs,
      cell.place ?? null,
      cell.version,
      cell.work.pack(),
    ]),
    errors: errors.list.map((group) => [
      group.key,
      group.name,
      group.message ?? null,
      group.count,
      group.lastMs,
      group.students,
      group.cells,
      group.version,
    ]),
    minutes: Array.from(minutes.byNumber.values(), (minute) => [
      minute.number,
      minute.events,
      minute.runs,
      minute.errors,
      minute.help,
      minute.version,
      ...minute.students,
    ]),
    hands: [...minutes.hands],
    students: [...students.keys()],
  };
}

export function restoreBoard(stored: StoredBoard, lesson: Lesson | undefined): Board {
  const { latestMs, scope, number, sinceVersion } = stored;
  return {
    lesson,
    latestMs,
    current: {
      scope,
      number,
      sinceVersion,
      cells: restoreCells(stored.cells),
      errors: restoreErrors(stored.errors),
    },
    minutes: restoreMinutes(stored),
    students: new Map(stored.students.map((id, index) => [id, index])),
  };
}

function restoreCells(stored: StoredBoard["cells"]): Cells {
  const cells = new Cells();
  for (const [key, notebook, cellId, cellIndex, metMs, place, version, packed] of stored) {
    cells.add({
      key,
      notebook: notebook ?? undefined,
      cellId: cellId ?? undefined,
      cellIndex: cellIndex ?? undefined,
      metMs,
      place: place ?? undefined,
      version,
      work: new WorkTable(packed),
    });
  }
  return cells;
}

function restoreErrors(stored: StoredBoard["errors"]): ErrorGroups {
  const errors = new ErrorGroups();
  for (const [key, name, message, count, lastMs, students, cells, version] of stored) {
    errors.add({ key, name, message: message ?? undefined, count, lastMs, students, cells, version });
  }
  return errors;
}

function restoreMinutes({ minutes: stored, hands }: StoredBoard): Minutes {
  const minutes = new Minutes();
  for (const [number = 0, events = 0, runs = 0, errors = 0, help = 0, version = 0, ...students] of stored) {
    minutes.put({ number, events, runs, errors, help, students, version });
  }
  for (const [key, timeMs] of hands) minutes.hands.set(key, timeMs);
  return minutes;
}
