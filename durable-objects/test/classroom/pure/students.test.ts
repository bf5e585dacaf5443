import { expect, test, vi } from "vitest";
import { foldStudent } from "../../../src/classroom/state/fold.ts";
import { noChanges } from "../../../src/classroom/state/fold-context.ts";
import { Students, studentsPerGroup } from "../../../src/classroom/state/students.ts";
import { ada, type Fields, grace, loggedOf } from "../batches.ts";
import { adaAfter, end, foldAll, start } from "./fold.ts";

const run = [start("x", 1, { code: "1/0", sessionId: "s", sequence: 1 }), end("x", 2, { status: "error" })];
const raised: Fields = { eventType: "help", helpId: "h", timeMs: 5_000 };

function stored(...told: readonly Fields[]) {
  return adaAfter(...told).state.students.store();
}

/** Students as a checkpoint has them, of whom only the first can be read. */
function firstReadable({ list, groups }: ReturnType<typeof stored>): Students {
  const [line = ""] = groups.get(0)?.split("\n") ?? [];
  return new Students(list, () => `${line}\nunreadable`);
}

test("a student is read from a checkpoint when asked for, and not before", () => {
  const students = firstReadable(stored(...run, { studentId: grace }));
  expect(students.get(ada)).toEqual(adaAfter(...run).student);
  expect(students.has(grace)).toBe(true);
  expect([...students.keys()]).toEqual([ada, grace]);
  expect(() => students.get(grace)).toThrow();
});

test("who was not asked for is stored as it was, and not at all when nobody of the group was", () => {
  const checkpoint = stored(...run, { studentId: grace });
  const read = vi.fn(() => "");
  expect(new Students(checkpoint.list, read).store()).toEqual({ list: checkpoint.list, groups: new Map() });
  expect(read).not.toHaveBeenCalled();
  const students = firstReadable(checkpoint);
  students.get(ada);
  expect(students.store().groups.get(0)).toMatch(/^{.*}\nunreadable$/);
});

test("students are kept in groups, of which only those are written that hold what is new", () => {
  const told = Array.from({ length: studentsPerGroup * 2 + 1 }, (_, index) => ({ studentId: `s${index}` }));
  const checkpoint = foldAll(loggedOf(told)).students.store();
  expect([...checkpoint.groups.keys()]).toEqual([0, 1, 2]);
  expect(checkpoint.list.sizes).toEqual(Array.from(checkpoint.groups.values(), ({ length }) => length));
  const students = new Students(checkpoint.list, (group) => checkpoint.groups.get(group) ?? "");
  students.of("new");
  expect([...students.store().groups.keys()]).toEqual([2]);
  expect(Array.from(students.values(), ({ id }) => id)).toEqual([
    ...told.map(({ studentId }) => studentId),
    "new",
  ]);
});

test("who waits for help is found without reading anybody else", () => {
  const checkpoint = stored(raised, { studentId: grace });
  expect(checkpoint.list.waiting).toEqual([ada]);
  const students = firstReadable(checkpoint);
  expect(Array.from(students.waiting(), ({ id }) => id)).toEqual([ada]);
  expect(students.isWaiting(grace)).toBe(false);
});

test("whose hand went up or down after the checkpoint is found as well", () => {
  const { list, groups } = stored({}, { ...raised, studentId: grace });
  const students = new Students(list, (group) => groups.get(group) ?? "");
  const lowered: Fields = { eventType: "help_stop", helpId: "h", timeMs: 6_000, studentId: grace };
  students.defer(loggedOf([{ ...raised, eventId: "r" }, lowered], 3), (student, logged) =>
    foldStudent(logged, { student, changes: noChanges(), stuckAfterErrors: 3 }),
  );
  expect(Array.from(students.waiting(), ({ id }) => id)).toEqual([ada]);
});

test("students keep their order, whoever is asked for first", () => {
  const { list, groups } = stored({}, { studentId: grace });
  const students = new Students(list, (group) => groups.get(group) ?? "");
  students.get(grace);
  expect(Array.from(students.values(), ({ id }) => id)).toEqual([ada, grace]);
});
