import type { CellData, Entity } from "@cell-monitor/protocol";
import { addBit, type Bits, countBits } from "./bits.ts";
import type { Board, BoardChanges } from "./board-state.ts";
import { type Cell, checksOf, isOwn, referenceCellOf } from "./cells.ts";
import { minuteMs } from "./minutes.ts";
import { shownLesson, workedMs } from "./scope.ts";
import { failuresOf, firstMsOf, lastPassed, passMsOf, runsOf, studentOf, type Work } from "./work.ts";

function idOf(board: Board, number: number): string {
  return `${scopeOf(board)}/${number}`;
}

function scopeOf({ current }: Board): string {
  return `s${current.number}`;
}

/** The lesson or day that is shown. Like settings it has no version of its own, and goes along with every resume. */
function lessonEntity(board: Board, version: number): Entity {
  const { scope } = board.current;
  const lesson = shownLesson(board);
  return {
    kind: "lesson",
    id: "current",
    version,
    data: {
      kind: scope.kind,
      scope: scopeOf(board),
      startedMs: scope.startMs,
      breaks: lesson?.breaks ?? [],
      referenceCells: lesson?.reference?.cells.length ?? 0,
      ...(lesson && { lessonId: lesson.id }),
      ...(lesson?.title !== undefined && { title: lesson.title }),
      ...(lesson?.stoppedMs !== undefined && { stoppedMs: lesson.stoppedMs }),
    },
  };
}

function cellEntity(board: Board, number: number, cell: Cell): Entity {
  return { kind: "cell", id: idOf(board, number), version: cell.version, data: cellData(board, cell) };
}

export function cellData(board: Board, cell: Cell): CellData {
  const lesson = shownLesson(board);
  const { current } = board;
  const reference = referenceCellOf(cell, lesson);
  const checks = checksOf(current.cells, cell, lesson);
  const reachedBy: Bits = [];
  const passedBy: Bits = [];
  const times: number[] = [];
  let [reached, passed, runs, failures] = [0, 0, 0, 0];
  for (const work of cell.work.all()) {
    const student = studentOf(work);
    reached += 1;
    addBit(reachedBy, student);
    runs += runsOf(work);
    failures += failuresOf(work);
    const passMs = passedAt(work, checks);
    if (passMs === undefined || isOwn(cell)) continue;
    passed += 1;
    addBit(passedBy, student);
    const { startMs } = current.scope;
    times.push(workedMs(startMs + firstMsOf(work), startMs + passMs, lesson?.breaks ?? []));
  }
  const medianMs = median(times);
  return {
    ...(cell.notebook !== undefined && { notebook: cell.notebook }),
    ...(cell.cellId !== undefined && { cellId: cell.cellId }),
    ...(cell.cellIndex !== undefined && { cellIndex: cell.cellIndex }),
    ...(reference?.gradeId !== undefined && { gradeId: reference.gradeId }),
    ...(cell.place !== undefined && { place: cell.place }),
    ...(reference && { role: reference.role }),
    ...(isOwn(cell) && { own: true as const }),
    runs,
    failures,
    reached,
    reachedBy,
    passed,
    passedBy,
    ...(medianMs !== undefined && { medianMs }),
  };
}

/**
 * When a student passed. An exercise is passed once each of its checks has run well, whatever is tried afterwards;
 * a cell without a check is for as long as its last run is a good one.
 */
function passedAt(work: Work, checks: readonly Cell[]): number | undefined {
  if (checks.length === 0) return lastPassed(work) ? passMsOf(work) : undefined;
  let lastMs = 0;
  for (const check of checks) {
    const checked = check.work.of(studentOf(work));
    const passMs = checked && passMsOf(checked);
    if (passMs === undefined) return undefined;
    lastMs = Math.max(lastMs, passMs);
  }
  return lastMs;
}

function median(numbers: number[]): number | undefined {
  const sorted = numbers.sort((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? undefined : Math.round((low + high) / 2);
}

function errorEntity(board: Board, number: number): Entity | undefined {
  const group = board.current.errors.list[number];
  if (!group) return undefined;
  const { key, name, message, count, lastMs, students, cells, version } = group;
  return {
    kind: "error",
    id: idOf(board, number),
    version,
    data: {
      fingerprint: key,
      name,
      ...(message !== undefined && { message }),
      count,
      lastMs,
      students: countBits(students),
      studentsBy: students,
      cells: cells.map((cell) => idOf(board, cell)),
    },
  };
}

/** A minute's entity; one that is too long ago by now is a tombstone. */
function minuteEntity({ minutes }: Board, number: number, version: number): Entity {
  const minute = minutes.byNumber.get(number);
  if (!minute) return { kind: "minute", id: String(number), version, data: null };
  const { events, runs, errors, help, students } = minute;
  const data = { startMs: number * minuteMs, events, runs, errors, active: countBits(students), help };
  return { kind: "minute", id: String(number), version: minute.version, data };
}

function present(entities: readonly (Entity | undefined)[]): Entity[] {
  return entities.filter((entity) => entity !== undefined);
}

/** What changed, as it stands now. */
export function changedBoard(board: Board, changes: BoardChanges, version: number): Entity[] {
  const { cells } = board.current;
  return present([
    ...(changes.lesson ? [lessonEntity(board, version)] : []),
    ...Array.from(changes.cells, (number) => {
      const cell = cells.list[number];
      return cell && cellEntity(board, number, cell);
    }),
    ...Array.from(changes.errors, (number) => errorEntity(board, number)),
    ...Array.from(changes.minutes, (number) => minuteEntity(board, number, version)),
  ]);
}

/** All that the class knows together and that changed after `sinceVersion`. */
export function boardSince(board: Board, version: number, sinceVersion: number): Entity[] {
  const { current, minutes } = board;
  const isNew = current.sinceVersion >= sinceVersion;
  const isChanged = (changed: { readonly version: number }) => isNew || changed.version > sinceVersion;
  return present([
    lessonEntity(board, version),
    ...current.cells.list.map((cell, number) =>
      isChanged(cell) ? cellEntity(board, number, cell) : undefined,
    ),
    ...current.errors.list.map((group, number) =>
      isChanged(group) ? errorEntity(board, number) : undefined,
    ),
    ...Array.from(minutes.byNumber.values(), (minute) =>
      minute.version > sinceVersion ? minuteEntity(board, minute.number, version) : undefined,
    ),
  ]);
}
