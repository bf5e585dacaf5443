import * as v from "valibot";
import { expect, test } from "vitest";
import { ClassState } from "../../../src/classroom/state/class-state.ts";
import { partWhole } from "../../../src/classroom/storage/whole-checkpoint.ts";
import { ada, grace, loggedOf } from "../batches.ts";
import { classIn, lessonOf } from "./board.ts";
import { allOf, end, start } from "./fold.ts";

const lineSchema = v.record(v.string(), v.unknown());

function read(whole: string): ClassState {
  const { text, groups } = partWhole(whole);
  return new ClassState({ text, readGroup: (group) => groups.get(group) ?? "" });
}

test("a checkpoint that stood in one text is read, students, lesson and all", () => {
  const lesson = lessonOf({ id: "l", startedMs: 0, reference: { cells: [{ index: 0, cellId: "c1" }] } });
  const log = loggedOf([start("x", 1), end("x", 2), { studentId: grace, eventType: "help", timeMs: 3_000 }]);
  const state = classIn(lesson, log);
  state.sessions.set("a/s", { highest: 4, gaps: [[2, 3]], lost: [[1, 1]] });
  const { text, groups } = state.store();
  const [head, together] = text.split("\n").map((line) => v.parse(lineSchema, JSON.parse(line)));
  const { ids, waiting } = state.students.store().list;
  const board = { ...v.parse(lineSchema, together?.["board"]), lesson };
  const first = { ...head, ...together, students: ids, waiting, board };
  const whole = [JSON.stringify(first), ...groups.values()].join("\n");
  const taken = read(whole);
  expect(taken.students.isWaiting(ada)).toBe(false);
  expect(taken.students.isWaiting(grace)).toBe(true);
  expect(allOf(taken)).toEqual(allOf(state));
});

test("one from before losses were kept, or a class knew anything together, is read as one without any", () => {
  const sessions = [["a/s", { highest: 4, gaps: [[2, 3]] }]];
  const taken = read(JSON.stringify({ version: 0, sessions, students: [], notebooks: [] }));
  const expected = new ClassState();
  expected.sessions.set("a/s", { highest: 4, gaps: [[2, 3]] });
  expect(allOf(taken)).toEqual(allOf(expected));
});
