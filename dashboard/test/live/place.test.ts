import { describe, expect, it } from "vitest";
import { crowdsByCell, type Located, mainNotebook, notebookName, placeOf } from "../../src/live/place.ts";
import { student } from "../fixtures/sample-class.ts";

function at(notebook: string, cellIndex: number, status: Located["status"] = "active"): Located {
  return { notebook, cellIndex, status };
}

describe("where the class is", () => {
  it("is the notebook most of those present are in", () => {
    const students = [at("b", 0), at("a", 0), at("a", 0), at("b", 0, "away"), at("b", 0, "not_connected")];
    expect(mainNotebook(students)).toBe("a");
    expect(mainNotebook([])).toBeUndefined();
  });

  it("counts those at each cell by how they fare, and the absent nowhere", () => {
    const students = [
      at("a", 1, "help"),
      at("a", 1, "stuck"),
      at("a", 1, "error"),
      at("a", 1, "idle"),
      at("a", 1),
      at("a", 1, "away"),
      at("a", 1, "not_sharing"),
      at("other", 1),
    ];
    expect(crowdsByCell(students, "a", 3)).toEqual([
      { cellIndex: 0, total: 0, blocked: 0, erring: 0, idle: 0 },
      { cellIndex: 1, total: 5, blocked: 2, erring: 1, idle: 1 },
      { cellIndex: 2, total: 0, blocked: 0, erring: 0, idle: 0 },
    ]);
  });

  it("shows a cell beyond those the class knows of", () => {
    expect(crowdsByCell([at("a", 4)], "a", 2).map(({ total }) => total)).toEqual([0, 0, 0, 0, 1]);
  });

  it("isn't drowned by a student who says they are at cell one billion", () => {
    expect(crowdsByCell([at("a", 1_000_000_000)], "a", 1_000_000_000).length).toBeLessThanOrEqual(400);
  });

  it("is for one student the cell that runs, else the one last worked on", () => {
    const place = { notebook: "a", cellIndex: 2 };
    expect(placeOf(student({ place })).cellIndex).toBe(2);
    expect(
      placeOf(student({ place, running: { executionId: "x", startedMs: 0, notebook: "a", cellIndex: 5 } }))
        .cellIndex,
    ).toBe(5);
    expect(placeOf(student())).toEqual({});
  });

  it("names a notebook by its file", () => {
    expect(notebookName("week 1/01-intro.ipynb")).toBe("01-intro");
    expect(notebookName("plain")).toBe("plain");
  });
});
