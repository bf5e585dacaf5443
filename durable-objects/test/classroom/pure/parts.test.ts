import fc from "fast-check";
import { expect, test } from "vitest";
import { groupTexts, partLength, splitText } from "../../../src/classroom/storage/parts.ts";

const bytes = (text: string) => new TextEncoder().encode(text).length;

test("a text is cut into parts that can each be stored, and that join to what it was", () => {
  const texts = fc
    .tuple(
      fc.string({ unit: "binary", maxLength: 3 }),
      fc.constantFrom("x", "語", "😀", "a😀"),
      fc.nat({ max: 3 }),
    )
    .map(([start, filler, times]) => start + filler.repeat(times * (partLength / 2)));
  fc.assert(
    fc.property(texts, (text) => {
      const parts = splitText(text);
      expect(parts.every((part) => part.isWellFormed() && bytes(part) < 2_000_000)).toBe(true);
      expect(parts.join("")).toBe(text);
    }),
    { numRuns: 30 },
  );
});

test("texts are grouped in order, each group within the bound unless a single text is beyond it", () => {
  const lengths = fc.array(fc.constantFrom(1, 100, partLength / 2, partLength - 1, partLength + 5), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(lengths, (given) => {
      const texts = given.map((length) => "x".repeat(length));
      const groups = Array.from(groupTexts(texts));
      expect(groups.flat()).toEqual(texts);
      for (const group of groups) {
        expect(group.length === 1 || group.join(",").length <= partLength + 1).toBe(true);
      }
    }),
    { numRuns: 50 },
  );
});
