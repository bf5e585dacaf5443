import { describe, expect, test } from "vitest";
import { expiredHelps, nextHelpExpiry, runEntity, runSlots } from "../../../src/classroom/state/entities.ts";
import { ada, type Fields } from "../batches.ts";
import { adaAfter, changesOf, end, start } from "./fold.ts";

function shownRuns({ student, eventAt }: Pick<ReturnType<typeof adaAfter>, "student" | "eventAt">) {
  return runSlots(student, eventAt).filter(({ data }) => data !== null);
}

describe("a run", () => {
  test("goes on from its start to its end", () => {
    expect(adaAfter(start("x", 1)).data.running).toMatchObject({
      executionId: "x",
      cellId: "c1",
      startedMs: 1_000,
    });
    const after = adaAfter(start("x", 1, { code: "1/0" }), end("x", 3, { executionDurationMs: 1_900 }));
    expect(after.data.running).toBeUndefined();
    expect(after.data.lastRun).toMatchObject({ status: "ok", endedMs: 3_000, durationMs: 1_900 });
    expect(shownRuns(after)).toMatchObject([
      {
        id: `${ada}/0`,
        data: { executionId: "x", code: "1/0", status: "ok", startedMs: 1_000, endedMs: 3_000 },
      },
    ]);
  });

  test("is over once its kernel starts another cell, and its followers are told", () => {
    expect(adaAfter(start("x", 1), start("y", 2)).data.running).toMatchObject({ executionId: "y" });
    expect([...changesOf([start("x", 1)], start("y", 2)).runs].toSorted()).toEqual([`${ada}/0`, `${ada}/1`]);
  });

  test("whose end is never told is over with the next start, in whatever order later runs end", () => {
    const told = [start("x", 1), start("y", 2), start("z", 3)];
    const endOfX = (after: ReturnType<typeof adaAfter>) => {
      const x = shownRuns(after).find(
        ({ data }) => data && "executionId" in data && data.executionId === "x",
      );
      return x?.data && "endedMs" in x.data ? x.data.endedMs : undefined;
    };
    expect(endOfX(adaAfter(...told))).toBe(2_000);
    expect(endOfX(adaAfter(...told, end("y", 4)))).toBe(2_000);
  });

  test("that showed another as over does so no more once it turns out that it never ran, and followers are told", () => {
    const told = [start("x", 1), start("y", 2)];
    const aborted = end("y", 3, { status: "aborted" });
    expect(adaAfter(...told, aborted).data.running).toMatchObject({ executionId: "x" });
    expect(changesOf(told, aborted).runs).toContain(`${ada}/0`);
  });

  test("has ended even if its start arrives last", () => {
    const after = adaAfter(end("x", 3), start("x", 1, { code: "1/0" }));
    expect(after.data.running).toBeUndefined();
    expect(shownRuns(after)[0]?.data).toMatchObject({ startedMs: 1_000, endedMs: 3_000, code: "1/0" });
  });

  test("that the kernel turned away is none, whichever of its events arrives first", () => {
    const aborted = end("x", 2, { status: "aborted" });
    for (const told of [
      [start("x", 1), aborted],
      [aborted, start("x", 1)],
    ]) {
      const after = adaAfter(...told);
      expect(after.data).toMatchObject({ runs: 0, errors: 0, streak: 0, cellsDone: 0 });
      expect(after.data.running).toBeUndefined();
      expect(after.data.lastRun).toBeUndefined();
      expect(shownRuns(after)).toEqual([]);
    }
  });

  test("that is dropped leaves a tombstone in its slot", () => {
    const changes = changesOf([start("x", 1)], end("x", 2, { status: "aborted" }));
    expect([...changes.runs]).toEqual([`${ada}/0`]);
    const { student } = adaAfter(start("x", 1), end("x", 2, { status: "aborted" }));
    expect(runEntity(student, 0, () => undefined)).toMatchObject({ id: `${ada}/0`, data: null });
  });

  test("is remembered among the twenty latest, each in a slot of its own", () => {
    const told = Array.from({ length: 30 }, (_, index) => end(`x${index}`, index));
    const { student, data } = adaAfter(...told);
    expect(student.runs.map(({ executionId }) => executionId)).toEqual(
      Array.from({ length: 20 }, (_, index) => `x${index + 10}`),
    );
    expect(new Set(student.runs.map(({ slot }) => slot))).toEqual(
      new Set(Array.from({ length: 20 }, (_, i) => i)),
    );
    expect(data.runs).toBe(30);
  });
});

describe("notebooks", () => {
  const pathOf = (index: number) => `n${String(index).padStart(4, "0")}.ipynb`;

  test("are remembered up to five hundred, the same ones in whatever order they are heard of", () => {
    const told = Array.from({ length: 700 }, (_, index) => ({ notebookPath: pathOf(index) }));
    const { state } = adaAfter(...told);
    const { state: other } = adaAfter(...told.toReversed());
    expect([...state.notebooks.keys()]).toEqual(Array.from({ length: 500 }, (_, index) => pathOf(index)));
    expect([...other.notebooks.keys()].toSorted()).toEqual([...state.notebooks.keys()]);
  });
});

describe("a kernel that is restarted", () => {
  const restart: Fields = { eventType: "kernel_restart", notebookPath: "a.ipynb", timeMs: 5_000 };

  test("kills what was running in its notebook, and nothing else", () => {
    const after = adaAfter(start("x", 1), start("y", 2, { notebookPath: "b.ipynb" }), restart);
    expect(after.data.running).toMatchObject({ executionId: "y" });
    const runs = shownRuns(after).map(({ data: run }) => run);
    expect(runs).toMatchObject([
      { executionId: "x", status: "killed", endedMs: 5_000 },
      { executionId: "y" },
    ]);
  });

  test("kills what is heard of too late, and not what was started after it", () => {
    expect(adaAfter(restart, start("x", 1)).data.running).toBeUndefined();
    expect(adaAfter(restart, start("x", 6)).data.running).toMatchObject({ executionId: "x" });
  });

  test("leaves an end that was told its word", () => {
    const after = adaAfter(start("x", 1), restart, end("x", 4));
    expect(shownRuns(after)).toMatchObject([{ data: { status: "ok", endedMs: 4_000 } }]);
  });
});

describe("a streak", () => {
  const error = (executionId: string, second: number, fields: Fields = {}) =>
    end(executionId, second, { status: "error", ...fields });

  test("counts errors in a row on the same cell", () => {
    expect(adaAfter(error("a", 1), error("b", 2), error("c", 3)).data.streak).toBe(3);
  });

  test("starts again on another cell, and ends with what goes well", () => {
    expect(adaAfter(error("a", 1), error("b", 2), error("c", 3, { cellId: "c2" })).data.streak).toBe(1);
    expect(adaAfter(error("a", 1), error("b", 2), end("c", 3)).data.streak).toBe(0);
  });

  test("is not touched by runs that were interrupted or killed", () => {
    for (const status of ["interrupted", "killed"] as const) {
      expect(adaAfter(error("a", 1), end("b", 2, { status }), error("c", 3)).data.streak).toBe(2);
    }
  });

  test("goes by when things happened, not by when they were heard of", () => {
    expect(adaAfter(error("c", 3), end("a", 1), error("b", 2)).data.streak).toBe(2);
  });

  test("is urgent when it reaches what makes a student stuck, and not before", () => {
    expect(changesOf([error("a", 1)], error("b", 2)).urgent).toBe(false);
    expect(changesOf([error("a", 1), error("b", 2)], error("c", 3)).urgent).toBe(true);
  });
});

describe("a raised hand", () => {
  const help = (second: number, fields: Fields = {}): Fields => ({
    eventType: "help",
    timeMs: second * 1_000,
    ...fields,
  });
  const stop = (second: number, fields: Fields = {}): Fields => ({
    eventType: "help_stop",
    timeMs: second * 1_000,
    ...fields,
  });

  test("is up since it was first raised, with the latest note and place", () => {
    const { data } = adaAfter(
      help(2, { helpId: "h", note: "first" }),
      help(4, { helpId: "h", note: "second", notebookPath: "a.ipynb", cellIndex: 3 }),
      help(3, { helpId: "h", note: "between" }),
    );
    expect(data.help).toEqual({
      helpId: "h",
      sinceMs: 2_000,
      note: "second",
      notebook: "a.ipynb",
      cellIndex: 3,
    });
  });

  test("that is lowered and raised again is up since then, in whatever order that is heard of", () => {
    const [raise, lower, again] = [help(1), stop(2), help(3)];
    for (const told of [
      [raise, lower, again],
      [again, raise, lower],
      [lower, again, raise],
    ]) {
      expect(adaAfter(...told).data.help).toMatchObject({ sinceMs: 3_000 });
    }
  });

  test("stays down when its raising is heard of after its lowering", () => {
    expect(adaAfter(stop(2), help(1)).data.help).toBeUndefined();
  });

  test("goes by the session's numbers at times that are the same", () => {
    const session = { sessionId: "s" };
    const { data } = adaAfter(help(3, { ...session, sequence: 1 }), stop(3, { ...session, sequence: 2 }));
    expect(data.help).toBeUndefined();
  });

  test("overtakes when it goes up and when it goes down, but not when it is repeated", () => {
    expect(changesOf([], help(1)).urgent).toBe(true);
    expect(changesOf([help(1)], help(2)).urgent).toBe(false);
    expect(changesOf([help(1)], stop(2)).urgent).toBe(true);
  });

  test("is counted from the last that arrived when it expires, all of a student's together", () => {
    const at = (receivedMs: number) => ({ receivedMs });
    // Under a clock that was hours behind and set right since.
    const last = { timeMs: 1_000, ...at(10_000) };
    const { state } = adaAfter(
      help(1, { helpId: "a", ...at(2_000) }),
      help(2, { helpId: "b", ...at(3_000) }),
      last,
    );
    expect(nextHelpExpiry(state.students.values(), 600_000)).toBe(610_000);
    expect(expiredHelps(state.students.values(), 609_999, 600_000)).toEqual([]);
    expect(expiredHelps(state.students.values(), 610_000, 600_000).map(([, helpId]) => helpId)).toEqual([
      "a",
      "b",
    ]);
  });

  test("of a student who has raised sixteen others still counts", () => {
    const told = Array.from({ length: 17 }, (_, index) => help(index + 1, { helpId: `h${index}` }));
    const { student } = adaAfter(...told);
    expect(student.helps.map(({ helpId }) => helpId)).toContain("h16");
  });
});

describe("a student's place", () => {
  const work: Fields = { notebookPath: "a.ipynb", cellId: "c1", cellIndex: 1, timeMs: 1_000 };

  test("stays in its cell when the notebook is saved", () => {
    const save: Fields = { eventType: "notebook_save", notebookPath: "a.ipynb", timeMs: 2_000 };
    expect(adaAfter(work, save).data.place).toEqual({ notebook: "a.ipynb", cellId: "c1", cellIndex: 1 });
    expect(adaAfter(save, work).data.place).toEqual({ notebook: "a.ipynb", cellId: "c1", cellIndex: 1 });
  });

  test("is another notebook once that is opened, and no cell of it yet", () => {
    const open: Fields = { eventType: "notebook_open", notebookPath: "b.ipynb", timeMs: 2_000 };
    expect(adaAfter(work, open).data.place).toEqual({ notebook: "b.ipynb" });
  });
});

describe("a student", () => {
  test("is present from the first of a session until its end, whatever of it arrives after that", () => {
    const begin: Fields = { eventType: "session_start", sessionId: "s", timeMs: 1_000 };
    const close: Fields = { eventType: "session_end", sessionId: "s", timeMs: 3_000 };
    const late: Fields = { sessionId: "s", timeMs: 2_000 };
    expect(adaAfter(begin).data.present).toBe(true);
    expect(adaAfter(begin, close).data.present).toBe(false);
    expect(adaAfter(begin, close, late).data.present).toBe(false);
    expect(adaAfter(begin, close, { sessionId: "t", timeMs: 4_000 }).data.present).toBe(true);
  });

  test("whose page is closed runs nothing that anybody could tell the end of; another page's runs go on", () => {
    const close: Fields = { eventType: "session_end", sessionId: "s", timeMs: 3_000 };
    expect(adaAfter(start("x", 1, { sessionId: "s" }), close).data.running).toBeUndefined();
    expect(adaAfter(start("x", 1, { sessionId: "t" }), close).data.running).toMatchObject({
      executionId: "x",
    });
  });

  test("has the name and the team that were last told, each by itself", () => {
    const { data } = adaAfter(
      { userName: "Ada L.", timeMs: 2_000 },
      { userName: "Ada", teamName: "Blue", timeMs: 1_000 },
    );
    expect(data).toMatchObject({ name: "Ada L.", team: "Blue" });
  });

  test("may call sessions what an object calls its own", () => {
    const names = ["__proto__", "constructor", "1"];
    const { student } = adaAfter(...names.map((sessionId) => ({ sessionId })));
    expect(student.sessions.map(({ id }) => id)).toEqual(names);
  });
});
