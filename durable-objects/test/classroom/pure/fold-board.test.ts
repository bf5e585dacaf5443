import type { CellData, Entity } from "@cell-monitor/protocol";
import { describe, expect, test } from "vitest";
import { noBoardChanges } from "../../../src/classroom/state/board/board-state.ts";
import { boardSince, cellData, changedBoard } from "../../../src/classroom/state/board/entities.ts";
import { countedCells } from "../../../src/classroom/state/board/cells.ts";
import { countedErrors } from "../../../src/classroom/state/board/errors.ts";
import { countedMinutes, minuteMs } from "../../../src/classroom/state/board/minutes.ts";
import type { ClassState } from "../../../src/classroom/state/class-state.ts";
import { studentEntity } from "../../../src/classroom/state/entities.ts";
import { ada, type Fields, grace, loggedOf } from "../batches.ts";
import { change, classIn, lessonOf } from "./board.ts";
import { changesOf, end, foldAll, start } from "./fold.ts";

const handedOut = "0000000000000000";
const solved = "1111111111111111";

const lesson = lessonOf({
  id: "l",
  startedMs: 0,
  reference: {
    notebook: "a.ipynb",
    cells: [
      { index: 0, cellId: "setup", role: "scaffold", sourceHash: handedOut },
      { index: 1, cellId: "solve", sourceHash: handedOut },
      { index: 2, gradeId: "test-1", role: "check" },
      { index: 3, gradeId: "test-2", role: "check" },
      { index: 4, cellId: "free", sourceHash: "2222222222222222" },
      { index: 5, cellId: "crash", role: "expected_error" },
    ],
  },
});

/** A run of a cell, on which its place says nothing. */
function run(cell: Fields, atSecond: number, fields: Fields = {}): Fields {
  const executionId = `${JSON.stringify(cell)}${atSecond}${fields.studentId}`;
  const at = { cellId: undefined, cellIndex: undefined, notebookPath: "mine.ipynb", ...cell };
  return end(executionId, atSecond, { eventId: executionId.slice(0, 60) + Math.random(), ...at, ...fields });
}

const free = { cellId: "free" };
const solve = { cellId: "solve" };
const test1 = { gradeId: "test-1" };
const test2 = { gradeId: "test-2" };

function cellAt(state: ClassState, place: number): CellData {
  const cell = state.board.current.cells.list[place];
  if (!cell) throw new Error("no such cell");
  return cellData(state.board, cell);
}

const inLesson = (told: readonly Fields[]) => classIn(lesson, loggedOf(told));
const inDay = (told: readonly Fields[]) => classIn(undefined, loggedOf(told));
function entitiesOf<K extends Entity["kind"]>(state: ClassState, kind: K, since = -1) {
  type OfKind = Extract<Entity, { kind: K }>;
  const isOfKind = (entity: Entity): entity is OfKind => entity.kind === kind;
  return boardSince(state.board, state.version, since).filter(isOfKind);
}

describe("a cell of the reference", () => {
  test.each<[string, Fields, number | undefined]>([
    [
      "its grade id, whatever the cell's id and place",
      { gradeId: "test-1", cellId: "solve", cellIndex: 4 },
      2,
    ],
    ["its id before its source", { cellId: "solve", sourceHash: "2222222222222222" }, 1],
    [
      "its source before its place",
      { cellId: "new", sourceHash: "2222222222222222", cellIndex: 0, notebookPath: "a.ipynb" },
      4,
    ],
    [
      "its place, in a notebook of the same name",
      { cellId: "new", cellIndex: 5, notebookPath: "home/ada/a.ipynb" },
      5,
    ],
    ["nothing, in another notebook", { cellId: "new", cellIndex: 5, notebookPath: "b.ipynb" }, undefined],
    [
      "nothing, with a grade id that the reference lacks",
      { gradeId: "test-9", cellIndex: 1, notebookPath: "a.ipynb" },
      undefined,
    ],
    ["nothing by a source that two cells share", { cellId: "new", sourceHash: handedOut }, undefined],
  ])("is known by %s", (_, cell, place) => {
    const state = inLesson([run(cell, 1)]);
    const reached = entitiesOf(state, "cell").filter(({ data }) => data?.reached === 1);
    expect(reached.map(({ data }) => (data?.own ? undefined : data?.place))).toEqual([place]);
  });

  test("is there before anybody has reached it", () => {
    expect(entitiesOf(inLesson([]), "cell").map(({ data }) => data?.role)).toEqual([
      "scaffold",
      "exercise",
      "check",
      "check",
      "exercise",
      "expected_error",
    ]);
  });

  test("is reached by who has run it to an end; what the kernel turned away counts as nothing", () => {
    const state = inLesson([
      start("x", 1, { ...free, notebookPath: "mine.ipynb" }),
      run(free, 2, { status: "aborted" }),
    ]);
    expect(cellAt(state, 4)).toMatchObject({ reached: 0, runs: 0 });
    const reached = inLesson([run(free, 2, { status: "interrupted" }), run(free, 3, { studentId: grace })]);
    expect(cellAt(reached, 4)).toMatchObject({ reached: 2, reachedBy: [0b11], runs: 2, failures: 0 });
  });
});

describe("an exercise without a check", () => {
  test("is passed when its last run is ok and its source is not what was handed out", () => {
    const passed = (...told: Fields[]) => cellAt(inLesson(told), 4).passed;
    expect(passed(run(free, 1, { sourceHash: "2222222222222222" }))).toBe(0);
    expect(passed(run(free, 1, { sourceHash: solved }))).toBe(1);
    expect(
      passed(run(free, 2, { sourceHash: solved, status: "error" }), run(free, 1, { sourceHash: solved })),
    ).toBe(0);
    expect(passed(run(free, 1, { status: "error" }), run(free, 2, { sourceHash: solved }))).toBe(1);
  });

  test("goes by the number in the session where two runs ended at one time", () => {
    const at = (sequence: number, status: "ok" | "error") =>
      run(free, 1, { sessionId: "s", sequence, status });
    expect(cellAt(inLesson([at(2, "ok"), at(1, "error")]), 4).passed).toBe(1);
    expect(cellAt(inLesson([at(2, "error"), at(1, "ok")]), 4).passed).toBe(0);
  });
});

describe("an exercise with checks", () => {
  test("is passed once each of them has run ok, and stays so", () => {
    expect(cellAt(inLesson([run(solve, 1, { sourceHash: solved }), run(test1, 2)]), 1).passed).toBe(0);
    const state = inLesson([run(solve, 1), run(test1, 2), run(test2, 3), run(test2, 4, { status: "error" })]);
    expect(cellAt(state, 1)).toMatchObject({ passed: 1, passedBy: [1] });
  });

  test("is told anew when one of its checks has run", () => {
    const log = loggedOf([run(solve, 1), run(test1, 2)]);
    const state = classIn(lesson, log);
    expect(entitiesOf(state, "cell", 1).map(({ data }) => data?.place)).toEqual([1, 2]);
  });
});

describe("a cell that is meant to fail", () => {
  test("is passed by failing, and makes no error of it", () => {
    const state = inLesson([
      run({ cellId: "crash" }, 1, { status: "error", errorName: "ZeroDivisionError" }),
    ]);
    expect(cellAt(state, 5)).toMatchObject({ passed: 1, failures: 0 });
    expect(entitiesOf(state, "error")).toEqual([]);
  });

  test("is known by its tag too, and then makes nobody stuck", () => {
    const fails = (second: number) =>
      run({ cellId: "c", cellTags: ["raises-exception"] }, second, { status: "error", errorName: "E" });
    const state = inDay([fails(1), fails(2), fails(3)]);
    expect(studentEntity(state.students.get(ada) ?? never(), state).data).toMatchObject({
      streak: 0,
      errors: 0,
      cellsDone: 1,
    });
    expect(entitiesOf(state, "minute").map(({ data }) => data?.errors)).toEqual([0]);
    expect(changesOf([fails(1), fails(2)], fails(3)).urgent).toBe(false);
  });
});

function never(): never {
  throw new Error("nobody is there");
}

describe("the time that students took", () => {
  const by = (studentId: string, told: Fields[]) => told.map((fields) => ({ ...fields, studentId }));

  test("is the median from the beginning of the first run to the end of the first that passed", () => {
    const state = inLesson([
      ...by(ada, [
        run(free, 10, { status: "error", executionDurationMs: 4_000 }),
        run(free, 20),
        run(free, 90),
      ]),
      ...by(grace, [run(free, 50, { executionDurationMs: 2_000 })]),
      ...by("linus", [run(free, 60, { status: "error" })]),
    ]);
    expect(cellAt(state, 4)).toMatchObject({ reached: 3, passed: 2, medianMs: (14_000 + 2_000) / 2 });
  });

  test("is without the lesson's breaks, also where a break becomes known later", () => {
    const log = loggedOf([run(free, 10, { status: "error", executionDurationMs: 0 }), run(free, 70)]);
    const state = classIn(lesson, log);
    expect(cellAt(state, 4).medianMs).toBe(60_000);
    change(state, { ...lesson, breaks: [[20_000, 50_000], [65_000]] }, log);
    expect(cellAt(state, 4).medianMs).toBe(25_000);
    // Who comes back with the version it has is told, too.
    expect(entitiesOf(state, "cell", state.version).length).toBe(6);
  });
});

describe("without a reference", () => {
  test("cells are told apart by notebook and id, or place without an id", () => {
    const at = (cell: Fields) => run(cell, 1);
    const state = inDay([
      at({ cellId: "a" }),
      at({ cellId: "a", cellIndex: 7 }),
      at({ cellId: "a", notebookPath: "other.ipynb" }),
      at({ cellIndex: 7 }),
      at({}),
    ]);
    expect(
      entitiesOf(state, "cell").map(({ data }) => [
        data?.notebook,
        data?.cellId,
        data?.cellIndex,
        data?.runs,
      ]),
    ).toEqual([
      ["mine.ipynb", "a", 7, 2],
      ["other.ipynb", "a", undefined, 1],
      ["mine.ipynb", undefined, 7, 1],
    ]);
  });

  test("more cells than are told apart are counted together", () => {
    const told = Array.from({ length: countedCells + 5 }, (_, index) => run({ cellId: `c${index}` }, 1));
    const cells = entitiesOf(inDay(told), "cell");
    expect(cells.length).toBe(countedCells + 1);
    expect(cells.at(-1)?.data).toMatchObject({ own: true, runs: 5, reached: 1, passed: 0 });
  });
});

describe("an error", () => {
  const fails = (second: number, fields: Fields = {}) =>
    run(free, second, { status: "error", errorName: "KeyError", errorFingerprint: "KeyError:1", ...fields });

  test("is counted with all that are the same, whoever makes it where", () => {
    const state = inLesson([
      fails(1),
      fails(9, { studentId: grace, errorMessage: "'x' at 0x7f" }),
      fails(3, { cellId: "solve" }),
      fails(4, { errorName: "NameError", errorFingerprint: "NameError:2" }),
    ]);
    const scope = `s${state.board.current.number}`;
    expect(entitiesOf(state, "error").map(({ data }) => data)).toEqual([
      {
        fingerprint: "KeyError:1",
        name: "KeyError",
        message: "'x' at 0x…",
        count: 3,
        lastMs: 9_000,
        students: 2,
        studentsBy: [0b11],
        cells: [`${scope}/4`, `${scope}/1`],
      },
      expect.objectContaining({ name: "NameError", count: 1, cells: [`${scope}/4`] }),
    ]);
    expect(cellAt(state, 4).failures).toBe(3);
  });

  test("has no message where the class collects none", () => {
    expect(entitiesOf(inLesson([fails(1)]), "error")[0]?.data).not.toHaveProperty("message");
  });

  test("of more kinds than are told apart is counted with the others", () => {
    const told = Array.from({ length: countedErrors + 5 }, (_, index) =>
      fails(1, { errorFingerprint: `E:${index}` }),
    );
    const errors = entitiesOf(inLesson(told), "error");
    expect(errors.length).toBe(countedErrors + 1);
    expect(errors.at(-1)?.data).toMatchObject({ fingerprint: "", name: "", count: 5 });
  });
});

describe("a minute", () => {
  const at = (timeMs: number, fields: Fields = {}): Fields => ({ timeMs, ...fields });

  test("counts what happened in it, and who did something", () => {
    const state = inLesson([
      at(60_000, { eventType: "session_end", sessionId: "s", studentId: "linus" }),
      at(61_000),
      at(62_000),
      end("x", 63, { studentId: grace, status: "error" }),
      at(120_000),
    ]);
    expect(entitiesOf(state, "minute").map(({ id, data }) => [id, data])).toEqual([
      ["1", { startMs: 60_000, events: 4, runs: 1, errors: 1, active: 2, help: 0 }],
      ["2", { startMs: 120_000, events: 1, runs: 0, errors: 0, active: 1, help: 0 }],
    ]);
  });

  test("counts a raised hand once, in the minute it was first raised", () => {
    const raise = (timeMs: number, helpId?: string) =>
      at(timeMs, { eventType: "help", ...(helpId && { helpId }) });
    const told = [raise(130_000, "h"), raise(61_000, "h"), raise(62_000), raise(63_000), raise(190_000)];
    const helps = entitiesOf(inLesson(told), "minute").map(({ id, data }) => [id, data?.help]);
    expect(new Map(helps as [string, number][])).toEqual(
      new Map([
        ["1", 2],
        ["2", 0],
        ["3", 1],
      ]),
    );
  });

  test("is forgotten a day after, and who watches is told", () => {
    const late = countedMinutes * minuteMs;
    const changes = changesOf([at(0)], at(late));
    expect(changes.board.minutes).toEqual(new Set([0, countedMinutes]));
    const state = inDay([at(0), at(late), at(1)]);
    expect(changedBoard(state.board, { ...noBoardChanges(), minutes: new Set([0]) }, 3)).toEqual([
      { kind: "minute", id: "0", version: 3, data: null },
    ]);
    expect(entitiesOf(state, "minute").map(({ id }) => id)).toEqual([String(countedMinutes)]);
  });
});

describe("what is counted", () => {
  const dayMs = 86_400_000;
  const shown = (state: ClassState) => entitiesOf(state, "lesson")[0]?.data;

  test("is of the day, and begins anew with the next", () => {
    const log = loggedOf([run(free, 1), run(free, dayMs / 1000 + 1), run(free, 2)]);
    const state = classIn(undefined, log.slice(0, 1));
    const before = shown(state);
    foldAll(log.slice(1), state);
    expect(shown(state)).toMatchObject({ kind: "day", startedMs: dayMs });
    expect(shown(state)?.scope).not.toBe(before?.scope);
    expect(entitiesOf(state, "cell").map(({ data }) => data?.runs)).toEqual([1]);
  });

  test("is of the lesson from its start to its stop, and shown until the next day", () => {
    const brief = lessonOf({ id: "l", title: "Loops", startedMs: 10_000, stoppedMs: 20_000 });
    const log = loggedOf([run(free, 9), run(free, 10), run(free, 19), run(free, 20)]);
    const state = classIn(brief, log);
    expect(shown(state)).toMatchObject({
      kind: "lesson",
      lessonId: "l",
      title: "Loops",
      startedMs: 10_000,
      stoppedMs: 20_000,
    });
    expect(entitiesOf(state, "cell").map(({ data }) => data?.runs)).toEqual([2]);
    foldAll(loggedOf([run(free, dayMs / 1000)], 5), state);
    expect(shown(state)).toMatchObject({ kind: "day", startedMs: dayMs });
  });

  test("of a lesson that nobody stops ends after half a day", () => {
    const state = classIn(
      lessonOf({ id: "l", startedMs: 0 }),
      loggedOf([run(free, 1), run(free, 13 * 3600)]),
    );
    expect(entitiesOf(state, "cell").map(({ data }) => data?.runs)).toEqual([1]);
  });

  test("is counted anew for a lesson that began before it was known", () => {
    const log = loggedOf([run(free, 1), run(free, 20), run(free, 30)]);
    const state = classIn(undefined, log);
    change(state, lessonOf({ id: "l", startedMs: 20_000 }), log);
    expect(entitiesOf(state, "cell", state.version).map(({ data }) => data?.runs)).toEqual([2]);
  });
});
