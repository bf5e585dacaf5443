import { type Entity, type RunData, type StudentData } from "@cell-monitor/protocol";
import type { ClassState, NotebookState } from "./class-state.ts";
import { runningOf, streakOf } from "./folds/runs.ts";
import { openHelp, type RunState, type StudentState } from "./student-state.ts";

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Without the properties that are undefined, which JSON would drop anyway. */
function defined<T extends object>(object: T): Defined<T>;
function defined(object: object): object {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

function isPresent(student: StudentState): boolean {
  const sessions = Object.values(student.sessions);
  return sessions.length === 0 ? student.activeMs > 0 : sessions.includes(true);
}

export function studentData(student: StudentState): StudentData {
  const running = runningOf(student);
  const help = openHelp(student);
  const { place, lastRun, progress, checkin } = student;
  return defined({
    name: student.name || `Student ${student.id.slice(0, 4)}`,
    team: student.team,
    present: isPresent(student),
    seenMs: student.seenMs,
    activeMs: student.activeMs,
    place: place && defined({ notebook: place.notebook, cellId: place.cellId, cellIndex: place.cellIndex }),
    running:
      running &&
      defined({
        executionId: running.executionId,
        notebook: running.notebook,
        cellId: running.cellId,
        cellIndex: running.cellIndex,
        startedMs: running.startedMs ?? running.key[0],
      }),
    lastRun: lastRun && defined(withoutKey(lastRun)),
    runs: student.runCount,
    errors: student.errorCount,
    streak: streakOf(student),
    cellsDone: student.doneCells.length,
    help:
      help &&
      defined({
        helpId: help.helpId,
        sinceMs: help.sinceMs,
        note: help.note,
        notebook: help.notebook,
        cellId: help.cellId,
        cellIndex: help.cellIndex,
      }),
    progress: progress && withoutKey(progress),
    checkin: checkin && withoutKey(checkin),
  });
}

function withoutKey<T extends { readonly key: unknown }>({ key: _key, ...rest }: T): Omit<T, "key"> {
  return rest;
}

export function studentEntity(student: StudentState): Entity {
  return { kind: "student", id: student.id, version: student.version, data: studentData(student) };
}

export function notebookEntity({ path, cellCount, version }: NotebookState): Entity {
  return { kind: "notebook", id: path, version, data: { path, cellCount } };
}

/** A run's entity by its slot; a slot that is free again is a tombstone. */
export function runEntity(student: StudentState, slot: number): Entity {
  const run = student.runs.find((known) => known.slot === slot);
  return {
    kind: "run",
    id: `${student.id}/${slot}`,
    version: student.version,
    data: run ? runData(student.id, run) : null,
  };
}

export function runEntities(student: StudentState): Entity[] {
  return student.runs.map(({ slot }) => runEntity(student, slot));
}

function runData(studentId: string, run: RunState): RunData {
  const { slot: _slot, key: _key, ended: _ended, errorFingerprint: _fingerprint, ...shown } = run;
  return defined({ studentId, ...shown });
}

/** All that the log says of the class after `version`, but for runs. */
export function entitiesSince(state: ClassState, version: number): Entity[] {
  const entities: Entity[] = [];
  for (const notebook of state.notebooks.values()) {
    if (notebook.version > version) entities.push(notebookEntity(notebook));
  }
  for (const student of state.students.values()) {
    if (student.version > version) entities.push(studentEntity(student));
  }
  return entities;
}

/** Open requests of students of whom nothing has been heard for `expiresMs`. */
export function expiredHelps(state: ClassState, nowMs: number, expiresMs: number): [StudentState, string][] {
  const expired: [StudentState, string][] = [];
  for (const student of state.students.values()) {
    const help = openHelp(student);
    if (help && nowMs - student.seenMs >= expiresMs) {
      expired.push([student, help.helpId]);
    }
  }
  return expired;
}

/** When the next open request will expire, Unix ms. */
export function nextHelpExpiry(state: ClassState, expiresMs: number): number | undefined {
  let next: number | undefined;
  for (const student of state.students.values()) {
    if (openHelp(student)) next = Math.min(next ?? Number.POSITIVE_INFINITY, student.seenMs + expiresMs);
  }
  return next;
}
