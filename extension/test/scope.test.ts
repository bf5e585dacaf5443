import { describe, expect, it } from "vitest";
import { ClassScope } from "../src/scope.ts";

describe("ClassScope", () => {
  it.each([
    ["course/**", "course/week1/a.ipynb", true],
    ["course/**", "private/course/a.ipynb", false],
    ["course/*.ipynb", "course/a.ipynb", true],
    ["course/*.ipynb", "course/week1/a.ipynb", false],
    ["**/*.ipynb", "a.ipynb", true],
    ["**/*.ipynb", "deep/er/a.ipynb", true],
    ["**/exercise-?.ipynb", "x/exercise-1.ipynb", true],
    ["**/exercise-?.ipynb", "x/exercise-10.ipynb", false],
    ["/course/a.ipynb", "course/a.ipynb", true],
    ["a.b", "aXb", false],
    ["授業/第[1]回 (A).ipynb", "授業/第[1]回 (A).ipynb", true],
  ])("%s and %s: %s", (glob, path, isIncluded) => {
    expect(new ClassScope([glob], []).includes(path, undefined)).toBe(isIncluded);
  });

  it("takes no notebook without a pattern or a mark", () => {
    expect(new ClassScope([], ["ABC"]).includes("a.ipynb", undefined)).toBe(false);
  });

  it("takes a notebook whose metadata names the class, wherever it is", () => {
    const scope = new ClassScope([], ["class-id", "ABC"]);
    expect(scope.includes("a.ipynb", { class: "ABC" })).toBe(true);
    expect(scope.includes("a.ipynb", { class: "class-id" })).toBe(true);
    expect(scope.includes("a.ipynb", { class: "a-b c" })).toBe(true);
  });

  it("leaves another class's notebook alone, even where a pattern matches", () => {
    expect(new ClassScope(["**"], ["ABC"]).includes("a.ipynb", { class: "XYZ" })).toBe(false);
  });

  it("takes no empty name for a class", () => {
    expect(new ClassScope([], [""]).includes("a.ipynb", { class: "" })).toBe(false);
  });
});
