import type { Entity, PatchFrame, RunData, SnapshotFrame, StudentData } from "@cell-monitor/protocol";
import { createEffect, createRoot } from "solid-js";
import { describe, expect, it } from "vitest";
import { createClassStore } from "../../src/live/create-class-store.ts";
import { student } from "../fixtures/sample-class.ts";

function studentEntity(id: string, version: number, data: Partial<StudentData> | null): Entity {
  return { kind: "student", id, version, data: data && student(data) };
}

function runEntity(slot: number, version: number, executionId: string): Entity {
  const data: RunData = { studentId: "a", executionId, status: "ok" };
  return { kind: "run", id: `a/${slot}`, version, data };
}

function snapshot(to: number, entities: Entity[], epoch = "one"): SnapshotFrame {
  return { type: "snapshot", epoch, to, at: 0, entities };
}

function patch(from: number, to: number, entities: Entity[], epoch = "one"): PatchFrame {
  return { type: "patch", epoch, from, to, at: 0, entities };
}

function lessonEntity(version: number, scope: string): Entity {
  const data = { kind: "lesson" as const, scope, startedMs: 0, breaks: [], referenceCells: 0 };
  return { kind: "lesson", id: "current", version, data };
}

function cellEntity(id: string, version: number, runs: number): Entity {
  const data = { runs, failures: 0, reached: 1, reachedBy: [1], passed: 0, passedBy: [] };
  return { kind: "cell", id, version, data };
}

function errorEntity(id: string, version: number): Entity {
  const data = {
    fingerprint: "E:1",
    name: "E",
    count: 1,
    lastMs: 0,
    students: 1,
    studentsBy: [1],
    cells: [],
  };
  return { kind: "error", id, version, data };
}

function minuteEntity(id: string, version: number, events: number | undefined): Entity {
  const data = { startMs: 0, events: events ?? 0, runs: 0, errors: 0, active: 0, help: 0 };
  return { kind: "minute", id, version, data: events === undefined ? null : data };
}

describe("the store of a class", () => {
  it("keeps cells and errors for as long as their lesson or day is shown, without a tombstone for each", () => {
    const store = createClassStore();
    const first = [lessonEntity(3, "s1"), cellEntity("s1/0", 3, 1), errorEntity("s1/0", 3)];
    store.apply([snapshot(3, first), patch(3, 4, [cellEntity("s1/0", 4, 2)])]);
    expect(store.state.cells["s1/0"]?.runs).toBe(2);
    store.apply([patch(4, 5, [cellEntity("s2/0", 5, 7), lessonEntity(5, "s2")])]);
    expect(store.state.lesson?.scope).toBe("s2");
    expect(Object.keys(store.state.cells)).toEqual(["s2/0"]);
    expect(Object.keys(store.state.errors)).toEqual([]);
  });

  it("keeps minutes until they are called off", () => {
    const store = createClassStore();
    store.apply([snapshot(3, [minuteEntity("1", 3, 5), minuteEntity("2", 3, 1)])]);
    store.apply([patch(3, 4, [minuteEntity("1", 4, undefined), minuteEntity("2", 4, 2)])]);
    expect(Object.entries(store.state.minutes).map(([id, { events }]) => [id, events])).toEqual([["2", 2]]);
  });

  it("shows what a snapshot holds, and is where it ends", () => {
    const store = createClassStore();
    expect(store.resumePoint()).toBeUndefined();
    expect(store.apply([snapshot(5, [studentEntity("a", 3, { name: "Ada" })])])).toBe(true);
    expect(store.state.students["a"]?.name).toBe("Ada");
    expect(store.resumePoint()).toEqual({ epoch: "one", to: 5 });
  });

  it("forgets who is not in a new snapshot", () => {
    const store = createClassStore();
    store.apply([snapshot(5, [studentEntity("a", 3, {}), studentEntity("b", 4, {})])]);
    store.apply([snapshot(9, [studentEntity("b", 4, {})])]);
    expect(Object.keys(store.state.students)).toEqual(["b"]);
  });

  it("changes what a patch holds, and clears what the new data lacks", () => {
    const store = createClassStore();
    store.apply([
      snapshot(5, [studentEntity("a", 3, { help: { helpId: "h", sinceMs: 1 } })]),
      patch(5, 6, [studentEntity("a", 6, { streak: 2 })]),
    ]);
    expect(store.state.students["a"]?.streak).toBe(2);
    expect(store.state.students["a"]?.help).toBeUndefined();
    expect(store.resumePoint()?.to).toBe(6);
  });

  it("tells only of what changed", () => {
    const store = createClassStore();
    store.apply([
      snapshot(5, [studentEntity("a", 3, { name: "Ada" }), studentEntity("b", 4, { name: "Bo" })]),
    ]);
    const told: string[] = [];
    const dispose = createRoot((disposeRoot) => {
      createEffect(() => told.push(`a ${store.state.students["a"]?.streak}`));
      createEffect(() => told.push(`b ${store.state.students["b"]?.streak}`));
      return disposeRoot;
    });
    store.apply([patch(5, 6, [studentEntity("b", 6, { name: "Bo", streak: 1 })])]);
    expect(told).toEqual(["a 0", "b 0", "b 1"]);
    dispose();
  });

  it("lets no late patch undo a newer one", () => {
    const store = createClassStore();
    store.apply([snapshot(5, []), patch(6, 7, [studentEntity("a", 7, { streak: 2 })])]);
    store.apply([patch(5, 6, [studentEntity("a", 6, { streak: 1 })])]);
    expect(store.state.students["a"]?.streak).toBe(2);
  });

  it("is the same after a patch that comes twice", () => {
    const store = createClassStore();
    const twice = patch(5, 6, [studentEntity("a", 6, { streak: 1 })]);
    expect(store.apply([snapshot(5, []), twice, twice])).toBe(true);
    expect(store.state.students["a"]?.streak).toBe(1);
    expect(store.resumePoint()?.to).toBe(6);
  });

  it("removes what a tombstone names, and lets no older version bring it back", () => {
    const store = createClassStore();
    store.apply([
      snapshot(5, [studentEntity("a", 3, {})]),
      patch(5, 7, [studentEntity("a", 7, null)]),
      patch(5, 6, [studentEntity("a", 6, {})]),
    ]);
    expect(store.state.students["a"]).toBeUndefined();
    store.apply([patch(7, 8, [studentEntity("a", 8, { name: "Back" })])]);
    expect(store.state.students["a"]?.name).toBe("Back");
  });

  it("asks for what is missing when a patch starts behind where it stands, and stays there", () => {
    const store = createClassStore();
    expect(store.apply([snapshot(5, []), patch(8, 9, [studentEntity("a", 9, { streak: 1 })])])).toBe(false);
    expect(store.resumePoint()).toEqual({ epoch: "one", to: 5 });
    expect(store.state.students["a"]?.streak).toBe(1);
    expect(store.apply([patch(5, 10, [])])).toBe(true);
    expect(store.resumePoint()?.to).toBe(10);
  });

  it("takes no patch of another epoch", () => {
    const store = createClassStore();
    expect(store.apply([snapshot(5, []), patch(5, 6, [studentEntity("a", 6, {})], "two")])).toBe(false);
    expect(store.state.students).toEqual({});
    expect(store.resumePoint()).toEqual({ epoch: "one", to: 5 });
  });

  it("starts over with a snapshot of another epoch, whose versions may be lower", () => {
    const store = createClassStore();
    store.apply([
      snapshot(50, [studentEntity("a", 50, { streak: 2 })]),
      patch(50, 51, [runEntity(0, 51, "x")]),
    ]);
    store.apply([snapshot(2, [studentEntity("a", 1, { streak: 0 })], "two")]);
    expect(store.state.students["a"]?.streak).toBe(0);
    expect(store.state.runs).toEqual({});
    expect(store.resumePoint()).toEqual({ epoch: "two", to: 2 });
  });

  it("keeps the runs it follows through a snapshot that doesn't speak of them", () => {
    const store = createClassStore();
    store.apply([snapshot(5, []), patch(5, 5, [runEntity(0, 4, "x")]), snapshot(6, [])]);
    expect(store.state.runs["a/0"]?.executionId).toBe("x");
  });

  it("takes a run for another one when its slot is used again", () => {
    const store = createClassStore();
    store.apply([snapshot(5, []), patch(5, 5, [runEntity(0, 4, "x")])]);
    const first = store.state.runs["a/0"];
    store.apply([patch(5, 6, [runEntity(0, 6, "y")])]);
    expect(store.state.runs["a/0"]?.executionId).toBe("y");
    expect(store.state.runs["a/0"]).not.toBe(first);
  });
});
