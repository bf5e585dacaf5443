import { expect, test } from "vitest";
import { Students } from "../../../src/classroom/state/students.ts";
import { ada, type Fields, grace } from "../batches.ts";
import { adaAfter, end, start } from "./fold.ts";

const run = [start("x", 1, { code: "1/0", sessionId: "s", sequence: 1 }), end("x", 2, { status: "error" })];
const raised: Fields = { eventType: "help", helpId: "h", timeMs: 5_000 };

function stored(...told: readonly Fields[]) {
  return adaAfter(...told).state.students.store();
}

test("a student is read from a checkpoint when asked for, and not before", () => {
  const { ids, waiting, lines } = stored(...run, { studentId: grace });
  const students = new Students({ ids, waiting, lines: [lines[0] ?? "", "unreadable"] });
  expect(students.get(ada)).toEqual(adaAfter(...run).student);
  expect(students.has(grace)).toBe(true);
  expect([...students.keys()]).toEqual([ada, grace]);
  expect(() => students.get(grace)).toThrow();
});

test("who was not asked for is stored as it was", () => {
  const { ids, waiting } = stored(...run, { studentId: grace });
  const lines = ["one line", "another"];
  expect(new Students({ ids, waiting, lines }).store()).toEqual({ ids, waiting, lines });
});

test("who waits for help is found without reading anybody else", () => {
  const { ids, waiting, lines } = stored(raised, { studentId: grace });
  expect(waiting).toEqual([ada]);
  const students = new Students({ ids, waiting, lines: [lines[0] ?? "", "unreadable"] });
  expect(Array.from(students.waiting(), ({ id }) => id)).toEqual([ada]);
});

test("students keep their order, whoever is asked for first", () => {
  const checkpoint = stored({}, { studentId: grace });
  const students = new Students(checkpoint);
  students.get(grace);
  expect(Array.from(students.values(), ({ id }) => id)).toEqual([ada, grace]);
});
