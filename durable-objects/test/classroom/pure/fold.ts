import { ClassState } from "../../../src/classroom/state/class-state.ts";
import { studentData } from "../../../src/classroom/state/entities.ts";
import { fold, foldStudent, foldTogether } from "../../../src/classroom/state/fold.ts";
import { type Changes, noChanges } from "../../../src/classroom/state/fold-context.ts";
import type { LoggedEvent } from "../../../src/sinks/sink.ts";
import { ada, type Fields, loggedOf } from "../batches.ts";

export function foldAll(events: readonly LoggedEvent[], state: ClassState = new ClassState()): ClassState {
  for (const logged of events) fold(logged, { state, changes: noChanges(), stuckAfterErrors: 3 });
  return state;
}

/** All of a state, what a checkpoint says of its students read. */
export function allOf({ version, sessions, notebooks, board, students }: ClassState) {
  return { version, sessions, notebooks, board, students: [...students.values()] };
}

/** A state as a waking reads it from what was written of it, on top of what had been written before. */
export function reread(state: ClassState, groups = new Map<number, string>()): ClassState {
  const stored = state.store();
  for (const [group, text] of stored.groups) groups.set(group, text);
  return new ClassState({ text: stored.text, readGroup: (group) => groups.get(group) ?? "" });
}

/** Gives a state what was logged after it was written, as a waking does. */
export function deferTo(state: ClassState, events: readonly LoggedEvent[]): void {
  const changes = noChanges();
  state.defer(events, {
    student: (student, logged) => foldStudent(logged, { student, changes, stuckAfterErrors: 3 }),
    together: (together, logged) => foldTogether(logged, together, changes),
  });
}

/** What one event changes in a class that knows some already. */
export function changesOf(known: readonly Fields[], told: Fields): Changes {
  const events = loggedOf([...known, told]);
  const state = foldAll(events.slice(0, -1));
  const changes = noChanges();
  for (const logged of events.slice(-1)) fold(logged, { state, changes, stuckAfterErrors: 3 });
  return changes;
}

/** Ada, after what is told of her. */
export function adaAfter(...told: readonly Fields[]) {
  const log = loggedOf(told);
  const state = foldAll(log);
  const eventAt = (version: number) => log.find((logged) => logged.version === version)?.event;
  const student = state.students.get(ada);
  if (!student) throw new Error("nothing was told of her");
  return { state, student, data: studentData(student), eventAt };
}

const secondMs = 1_000;

export function start(executionId: string, atSecond: number, fields: Fields = {}): Fields {
  const eventId = `start-${executionId}`;
  return {
    eventType: "cell_execution_start",
    eventId,
    executionId,
    timeMs: atSecond * secondMs,
    ...cell,
    ...fields,
  };
}

export function end(executionId: string, atSecond: number, fields: Fields = {}): Fields {
  const status = fields.status ?? "ok";
  const eventType = status === "error" ? "cell_execution_error" : "cell_execution_complete";
  const eventId = `end-${executionId}`;
  return { eventType, eventId, executionId, status, timeMs: atSecond * secondMs, ...cell, ...fields };
}

const cell: Fields = { notebookPath: "a.ipynb", cellId: "c1", cellIndex: 1 };
