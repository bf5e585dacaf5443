import { type Entity, limits, type RunData, type StudentData } from "@cell-monitor/protocol";
import { boardSince } from "./board/entities.ts";
import type { ClassState, NotebookState } from "./class-state.ts";
import { missingOf } from "./completeness.ts";
import { currentPlace } from "./folds/place.ts";
import { streakOf } from "./folds/runs.ts";
import { type EventAt, runningOf, runTexts, runView } from "./run-view.ts";
import { claimOf, nameOf, openHelp, raisedMs, type RunState, type StudentState } from "./student-state.ts";

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Without the properties that are undefined, which JSON would drop anyway. */
function defined<T extends object>(object: T): Defined<T>;
function defined(object: object): object {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

function isPresent(student: StudentState): boolean {
  const { sessions, activeMs } = student;
  return sessions.length === 0 ? activeMs > 0 : sessions.some(({ endedMs }) => endedMs === undefined);
}

export function studentData(student: StudentState): StudentData {
  const running = runningOf(student);
  const open = openHelp(student);
  const place = currentPlace(student);
  const { lastRun, progress, checkin } = student;
  return defined({
    name: nameOf(student),
    team: student.team?.text,
    present: isPresent(student),
    seenMs: student.seenMs,
    activeMs: student.activeMs,
    place: place && defined(place),
    running:
      running &&
      defined({
        executionId: running.executionId,
        notebook: running.notebook,
        cellId: running.cellId,
        cellIndex: running.cellIndex,
        startedMs: running.startedMs ?? student.activeMs,
      }),
    lastRun: lastRun && defined(withoutKey(lastRun)),
    runs: student.runCount,
    errors: student.errorCount,
    streak: streakOf(student),
    cellsDone: student.doneCells.length,
    help:
      open &&
      defined({
        ...(open.help.place && withoutKey(open.help.place)),
        helpId: open.help.helpId,
        sinceMs: open.sinceMs,
        note: open.help.note?.text,
        claimedBy: claimOf(open.help),
      }),
    progress: progress && withoutKey(progress),
    checkin: checkin && withoutKey(checkin),
  });
}

function withoutKey<T extends { readonly key: unknown }>({ key: _key, ...rest }: T): Omit<T, "key"> {
  return rest;
}

export function studentEntity(
  student: StudentState,
  { sessions, board }: Pick<ClassState, "sessions" | "board">,
): Entity {
  const missing = missingOf(student, sessions);
  const number = board.students.get(student.id);
  const data = {
    ...studentData(student),
    ...(missing > 0 && { missing }),
    ...(number !== undefined && { number }),
  };
  return { kind: "student", id: student.id, version: student.version, data };
}

export function notebookEntity({ path, cellCount, version }: NotebookState): Entity {
  return { kind: "notebook", id: path, version, data: { path, cellCount } };
}

/** A run's entity by its slot; a slot that is free again is a tombstone. */
export function runEntity(student: StudentState, slot: number, eventAt: EventAt): Entity {
  const run = student.runs.find((known) => known.slot === slot);
  return {
    kind: "run",
    id: `${student.id}/${slot}`,
    version: student.version,
    data: run ? runData(student, run, eventAt) : null,
  };
}

/** Every slot, also the free ones: who comes back may still show a run that has left its slot since. */
const allSlots = Array.from({ length: limits.recentRuns }, (_, slot) => slot);

/** A student's recent runs, all or those in some slots. */
export function runSlots(
  student: StudentState,
  eventAt: EventAt,
  slots: readonly number[] = allSlots,
): Entity[] {
  return slots.map((slot) => runEntity(student, slot, eventAt));
}

function runData(student: StudentState, run: RunState, eventAt: EventAt): RunData {
  const { isOpen: _, ...shown } = runView(student, run);
  return defined({ studentId: student.id, ...shown, ...runTexts(run, eventAt) });
}

/** All that the log says of the class after `version`, but for runs. */
export function entitiesSince(
  state: ClassState,
  version: number,
  isChanged: (student: StudentState) => boolean = (student) => student.version > version,
): Entity[] {
  const entities: Entity[] = [];
  for (const notebook of state.notebooks.values()) {
    if (notebook.version > version) entities.push(notebookEntity(notebook));
  }
  for (const student of state.students.values()) {
    if (isChanged(student)) entities.push(studentEntity(student, state));
  }
  entities.push(...boardSince(state.board, state.version, version));
  return entities;
}

/** Open requests of students of whom nothing has been heard for `expiresMs`. */
export function expiredHelps(
  students: Iterable<StudentState>,
  nowMs: number,
  expiresMs: number,
): [StudentState, string][] {
  return Array.from(students).flatMap((student): [StudentState, string][] => {
    if (nowMs - student.seenMs < expiresMs) return [];
    const open = student.helps.filter((help) => raisedMs(help) !== undefined);
    return open.map(({ helpId }) => [student, helpId]);
  });
}

/** When the first of these students' open requests will expire, Unix ms. */
export function nextHelpExpiry(students: Iterable<StudentState>, expiresMs: number): number | undefined {
  let next: number | undefined;
  for (const student of students) {
    if (openHelp(student)) next = Math.min(next ?? Number.POSITIVE_INFINITY, student.seenMs + expiresMs);
  }
  return next;
}
