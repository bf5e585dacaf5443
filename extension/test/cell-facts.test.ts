import { limits } from "@cell-monitor/protocol";
import { expect, it } from "vitest";
import { cellFactsOf } from "../src/capture/cell-facts.ts";

function factsOf(metadata: Readonly<Record<string, unknown>>, type = "code") {
  const getMetadata = (key: string) => metadata[key];
  return cellFactsOf({ id: "c", type, sharedModel: { source: "1" }, getMetadata }, 0);
}

// Anything a server would refuse the whole event for must stay at home.
it.each([
  ["text"],
  [{}],
  [{ grade_id: "" }],
  [{ grade_id: 5 }],
  [{ grade_id: "q".repeat(limits.idLength + 1) }],
])("leaves out nbgrader metadata that names no exercise: %j", (nbgrader) =>
  expect(factsOf({ nbgrader })).not.toHaveProperty("gradeId"),
);

it("keeps a grade id as long as one may be", () => {
  const gradeId = "q".repeat(limits.idLength);
  expect(factsOf({ nbgrader: { grade_id: gradeId } }).gradeId).toBe(gradeId);
});

it("keeps as many tags as an event may have, and none that is no text", () => {
  const tags = Array.from({ length: limits.listLength + 1 }, String);
  expect(factsOf({ tags }).cellTags).toEqual(tags.slice(0, limits.listLength));
  expect(factsOf({ tags: ["a", 1] })).not.toHaveProperty("cellTags");
});

it("leaves out a type of cell that nobody knows", () => {
  expect(factsOf({}, "drawing")).not.toHaveProperty("cellType");
});
