import { admit } from "@cell-monitor/protocol";
import { describe, expect, it } from "vitest";

import type { Action, Deed } from "../src/simulator/actions.ts";
import { notebooks } from "../src/simulator/course.ts";
import { draftOf, type NotebookDeed } from "../src/simulator/drafts.ts";
import { rosterOf } from "../src/simulator/roster.ts";
import { defaultPlan, lessonSchedule } from "../src/simulator/schedule.ts";

const students = 30;
const lessons = notebooks.map((notebook, index) => ({
  path: notebook.path,
  notebook,
  actions: lessonSchedule({ seed: 2025 + index, students, notebook }),
}));

function byStudent(actions: readonly Action[]): Action[][] {
  return Array.from({ length: students }, (_, student) =>
    actions.filter((action) => action.student === student),
  );
}

describe.each(lessons)("a lesson on $path", ({ notebook, actions }) => {
  it("is the same for the same seed, and another for another", () => {
    expect(lessonSchedule({ seed: 1, students: 4, notebook })).toEqual(
      lessonSchedule({ seed: 1, students: 4, notebook }),
    );
    expect(lessonSchedule({ seed: 1, students: 4, notebook })).not.toEqual(
      lessonSchedule({ seed: 2, students: 4, notebook }),
    );
  });

  it("has the same first students whatever their number", () => {
    const few = lessonSchedule({ seed: 1, students: 2, notebook });
    const more = lessonSchedule({ seed: 1, students: 5, notebook });
    expect(more.filter(({ student }) => student < 2)).toEqual(few);
  });

  it("goes in order of time", () => {
    const times = actions.map(({ atMs }) => atMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it("has everybody come, most in time and some late, and everybody leave", () => {
    const arrivals = byStudent(actions).map(([first]) => first);
    expect(arrivals.every((first) => first?.deed.kind === "page_open")).toBe(true);
    const lateAfterMs = 2.5 * 60_000;
    const late = arrivals.filter((first) => (first?.atMs ?? 0) > lateAfterMs).length;
    expect(late).toBeGreaterThan(0);
    expect(late).toBeLessThan(students / 2);
    expect(byStudent(actions).every((own) => own.at(-1)?.deed.kind === "page_close")).toBe(true);
  });

  it("ends every run that starts, once, after its duration, and one before the next", () => {
    for (const own of byStudent(actions)) {
      const runs = own.flatMap(({ atMs, deed }) =>
        deed.kind === "run_start" || deed.kind === "run_end"
          ? [{ atMs, kind: deed.kind, run: deed.run }]
          : [],
      );
      const numbers = runs.map(({ run }) => run.number);
      expect(numbers).toEqual(numbers.map((_, index) => Math.floor(index / 2) + 1));
      const starts = runs.filter(({ kind }) => kind === "run_start");
      const ends = runs.filter(({ kind }) => kind === "run_end");
      const tookMs = ends.map(({ atMs }, index) => atMs - (starts[index]?.atMs ?? 0));
      const off = ends.filter(({ run }, index) => Math.abs((tookMs[index] ?? 0) - run.durationMs) > 1);
      expect(off).toEqual([]);
    }
  });

  it("answers every raised hand", () => {
    const raised = actions.filter(({ deed }) => deed.kind === "help").length;
    expect(raised).toBeGreaterThan(5);
    expect(actions.filter(({ deed }) => deed.kind === "help_stop")).toHaveLength(raised);
  });

  it("has everything in it that a class has", () => {
    const kinds = new Set(
      actions.map(({ deed }) => (deed.kind === "run_end" ? `run_${deed.run.outcome.status}` : deed.kind)),
    );
    const expected =
      "page_open page_close notebook_open notebook_save notebook_close run_start run_ok run_error " +
      "run_interrupted help help_stop progress checkin activity offline online";
    expect([...kinds]).toEqual(expect.arrayContaining(expected.split(" ")));
  });

  it("has students who get stuck: three errors in a row on one cell", () => {
    const stuck = byStudent(actions).filter((own) => {
      let streak = 0;
      let last: string | undefined;
      return own.some(({ deed }) => {
        if (deed.kind !== "run_end") return false;
        const isError = deed.run.outcome.status === "error";
        const { cellId } = deed.run.place;
        streak = isError ? (last === cellId ? streak + 1 : 1) : 0;
        last = cellId;
        return streak >= 3;
      });
    });
    expect(stuck.length).toBeGreaterThan(3);
    expect(stuck.length).toBeLessThan(students);
  });

  it("has a break in which nobody starts anything", () => {
    const { breakFromMs, breakUntilMs } = defaultPlan;
    const inBreak = actions.filter(
      ({ atMs, deed }) => deed.kind === "run_start" && atMs >= breakFromMs && atMs < breakUntilMs,
    );
    expect(inBreak).toEqual([]);
  });

  it("brings everybody's connection back", () => {
    for (const own of byStudent(actions)) {
      const changes = own.filter(({ deed }) => deed.kind === "offline" || deed.kind === "online");
      expect(changes.map(({ deed }) => deed.kind)).toEqual(
        changes.map((_, index) => (index % 2 === 0 ? "offline" : "online")),
      );
      expect(changes.length % 2).toBe(0);
    }
  });

  it("consists of events that admission takes as they are", () => {
    const where = { lessonId: "lesson", kernelId: "kernel" };
    const receivedMs = Date.UTC(2026, 0, 1);
    const startMs = receivedMs - 2 * defaultPlan.lengthMs;
    const events = actions.flatMap(({ atMs, deed }) =>
      isReported(deed) ? [{ ...draftOf(deed, where, startMs + atMs), eventId: "id" }] : [],
    );
    const { admitted, rejected } = admit(events, { receivedMs, sentMs: receivedMs });
    expect(rejected).toEqual([]);
    expect(admitted.filter(({ event }) => event.truncated === true || event.metadata !== undefined)).toEqual(
      [],
    );
  });
});

function isReported(deed: Deed): deed is NotebookDeed {
  return !["page_open", "page_close", "offline", "online"].includes(deed.kind);
}

describe("the roster", () => {
  it("gives everybody a name and an id of their own", () => {
    const roster = rosterOf(1, 500);
    expect(new Set(roster.map(({ userId }) => userId)).size).toBe(500);
    expect(new Set(roster.map(({ userName }) => userName)).size).toBe(500);
  });

  it("is the same for the same seed, and goes on where a smaller one ends", () => {
    expect(rosterOf(7, 12).slice(0, 5)).toEqual(rosterOf(7, 5));
    expect(rosterOf(8, 5)).not.toEqual(rosterOf(7, 5));
  });
});

describe("the course", () => {
  const mistakes = notebooks.flatMap(({ cells }) =>
    cells.flatMap((cell) => (cell.type === "code" ? cell.mistakes : [])),
  );

  it("has errors of many kinds, each as the kernel gave it", () => {
    expect(new Set(mistakes.map(({ error }) => error?.name)).size).toBeGreaterThan(8);
    for (const { error } of mistakes) {
      expect(error?.traceback).toContain("Cell In[{n}], line");
      expect(error?.traceback.trimEnd().split("\n").at(-1)).toMatch(new RegExp(`^${error?.name}`));
    }
  });

  it("has right versions that give no error", () => {
    const right = notebooks.flatMap(({ cells }) =>
      cells.flatMap((cell) => (cell.type === "code" ? [cell.right] : [])),
    );
    expect(right.filter(({ error }) => error !== undefined)).toEqual([]);
  });
});
