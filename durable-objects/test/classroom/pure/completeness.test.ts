import { completenessSchema, limits } from "@cell-monitor/protocol";
import * as v from "valibot";
import { expect, test } from "vitest";
import { declareLost, sessionKey, take } from "../../../src/classroom/ingest/watermarks.ts";
import type { ClassState } from "../../../src/classroom/state/class-state.ts";
import { completenessOf, missingOf } from "../../../src/classroom/state/completeness.ts";
import { studentEntity } from "../../../src/classroom/state/entities.ts";
import { rememberedSessions } from "../../../src/classroom/state/folds/session.ts";
import { ada, type Fields, grace, loggedOf } from "../batches.ts";
import { foldAll } from "./fold.ts";

const nowMs = 1_700_000_000_000;
const everybody = { skip: 0, limit: 100 };

/** A class that was told this, with what arrived of each session. */
function classWith(told: readonly Fields[], marks: Record<string, readonly number[]>): ClassState {
  const state = foldAll(loggedOf(told));
  for (const [sessionId, numbers] of Object.entries(marks)) {
    const mark = { highest: 0, gaps: [] };
    for (const number of numbers) take(mark, { sequence: number });
    state.sessions.set(sessionKey(ada, sessionId), mark);
  }
  return state;
}

function accountOf(state: ClassState, atMs = nowMs) {
  const account = completenessOf(state, atMs, everybody);
  const sessions = account.students.find(({ student_id: id }) => id === ada)?.sessions ?? [];
  return {
    ...account,
    session: Object.fromEntries(sessions.map((session) => [session.session_id, session])),
  };
}

function shownMissing(state: ClassState): unknown {
  const student = state.students.get(ada);
  if (!student) throw new Error("nothing was told of her");
  const { data } = studentEntity(student, state);
  return data && "missing" in data ? data.missing : undefined;
}

test("the account of an open session tells what arrived and, number by number, what may still come", () => {
  const state = classWith([{ sessionId: "s", timeMs: nowMs }], { s: [1, 2, 5, 9] });
  expect(accountOf(state).session["s"]).toEqual({
    session_id: "s",
    state: "open",
    highest: 9,
    received: 4,
    missing: {
      count: 5,
      ranges: [
        [3, 4],
        [6, 8],
      ],
    },
    lost: { count: 0, ranges: [], declared: 0 },
  });
});

test("what an ended session lacks is lost, and received again once it arrives after all", () => {
  const told = [{ sessionId: "s", eventType: "session_end", timeMs: nowMs }];
  const state = classWith(told, { s: [1, 4] });
  expect(accountOf(state).session["s"]).toMatchObject({
    state: "ended",
    missing: { count: 0, ranges: [] },
    lost: { count: 2, ranges: [[2, 3]], declared: 0 },
  });
  const late = classWith(told, { s: [1, 4, 2] });
  expect(accountOf(late).session["s"]).toMatchObject({ received: 3, lost: { ranges: [[3, 3]] } });
});

test("a session turns its gaps into lost ones by a day's silence, without anything being told of it", () => {
  const state = classWith([{ sessionId: "s", timeMs: nowMs }], { s: [1, 4] });
  const before = structuredClone(state);
  expect(accountOf(state, nowMs + limits.sessionSilentMs - 1).totals).toMatchObject({ missing: 2, lost: 0 });
  const silent = accountOf(state, nowMs + limits.sessionSilentMs);
  expect(silent.totals).toMatchObject({ missing: 0, lost: 2 });
  expect(silent.session["s"]?.state).toBe("silent");
  expect(state).toEqual(before);
});

test("what its client declared lost is told apart from what merely did not arrive", () => {
  const state = classWith([{ sessionId: "s", timeMs: nowMs }], { s: [1, 4, 9] });
  const mark = state.sessions.get(sessionKey(ada, "s"));
  if (!mark) throw new Error("no mark");
  declareLost(mark, 2, 5);
  expect(accountOf(state).session["s"]).toMatchObject({
    received: 3,
    missing: { count: 3, ranges: [[6, 8]] },
    lost: {
      count: 3,
      ranges: [
        [2, 3],
        [5, 5],
      ],
      declared: 3,
    },
  });
  expect(accountOf(state, nowMs + limits.sessionSilentMs).session["s"]).toMatchObject({
    missing: { count: 0 },
    lost: {
      count: 6,
      ranges: [
        [2, 3],
        [5, 8],
      ],
      declared: 3,
    },
  });
  mark.lostUnlisted = 2;
  expect(accountOf(state).session["s"]).toMatchObject({ received: 1, lost: { count: 5, declared: 5 } });
});

test("the class's totals are of all its students, whatever part of them is listed; 100 % is said of nothing less", () => {
  const marks = { s: Array.from({ length: 20_000 }, (_, index) => index + 1 + Number(index > 9_999)) };
  const state = classWith([{ sessionId: "s", timeMs: nowMs }, { studentId: grace }], marks);
  const { totals } = completenessOf(state, nowMs, everybody);
  expect(totals).toEqual({ students: 2, sessions: 1, received: 20_000, missing: 1, lost: 0, percent: 99.99 });
  const second = completenessOf(state, nowMs, { skip: 1, limit: 1 });
  expect(second.totals).toEqual(totals);
  expect(second.students).toEqual([
    {
      student_id: grace,
      name: "Student 0192",
      totals: { sessions: 0, received: 0, missing: 0, lost: 0, percent: null },
      sessions: [],
    },
  ]);
  expect(accountOf(classWith([], { s: [1, 2] })).totals.percent).toBe(100);
});

test("a session id that holds the sign that keys are made with is told whole", () => {
  const id = "tab/1";
  const state = classWith([{ sessionId: id, timeMs: nowMs }], { [id]: [1, 3] });
  expect(accountOf(state).session[id]).toMatchObject({ state: "open", missing: { count: 1 } });
});

test("a session that was forgotten over later ones is silent; one of which all was refused is as open as its student", () => {
  const later = Array.from({ length: rememberedSessions }, (_, index) => ({
    sessionId: `later-${index}`,
    timeMs: nowMs,
  }));
  const marks = { old: [1, 3] };
  expect(accountOf(classWith(later, marks)).session["old"]?.state).toBe("silent");
  expect(accountOf(classWith(later.slice(1), marks)).session["old"]?.state).toBe("open");
  expect(accountOf(classWith([], marks)).session["old"]?.state).toBe("silent");
});

test("however many ranges a session lacks, their count is exact and the answer bounded", () => {
  const odd = Array.from({ length: 500 }, (_, index) => 2 * index + 2);
  const account = accountOf(classWith([{ sessionId: "s", timeMs: nowMs }], { s: odd }));
  expect(account.session["s"]?.missing.count).toBe(500);
  expect(account.session["s"]?.missing.ranges.length).toBeLessThan(100);
  const { session: _, ...body } = account;
  expect(v.parse(completenessSchema, body)).toEqual(body);
});

test("a dashboard is told how many events a student's open sessions lack, and nothing when there are none", () => {
  const both = [
    { sessionId: "s", timeMs: nowMs },
    { sessionId: "t", timeMs: nowMs },
  ];
  expect(shownMissing(classWith(both, { s: [1, 4], t: [2] }))).toBe(3);
  expect(shownMissing(classWith(both, { s: [1, 2], t: [1] }))).toBeUndefined();
  const ended = [...both, { sessionId: "s", eventType: "session_end", timeMs: nowMs }];
  expect(shownMissing(classWith(ended, { s: [1, 4], t: [2] }))).toBe(1);
  const silent = [{ sessionId: "s", receivedMs: nowMs - limits.sessionSilentMs }, ...both.slice(1)];
  expect(shownMissing(classWith(silent, { s: [1, 4], t: [2] }))).toBe(1);
});

test("a student without any session lacks nothing", () => {
  const student = classWith([{}], {}).students.get(ada);
  expect(student && missingOf(student, new Map())).toBe(0);
});
