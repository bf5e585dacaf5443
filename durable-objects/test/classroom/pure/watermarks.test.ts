import { limits } from "@cell-monitor/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ackOf,
  classify,
  newMark,
  type SessionMark,
  take,
  takeRange,
} from "../../../src/classroom/ingest/watermarks.ts";

function markOf(...numbers: number[]): SessionMark {
  const mark = newMark();
  for (const number of numbers) take(mark, number);
  return mark;
}

describe("a session's numbers", () => {
  test("in order leave no gap", () => {
    expect(ackOf("s", markOf(1, 2, 3))).toEqual({ sessionId: "s", through: 3, missing: [] });
  });

  test("out of order leave gaps until what was missing arrives", () => {
    const mark = markOf(1, 5, 3);
    expect(ackOf("s", mark)).toMatchObject({
      through: 5,
      missing: [
        [2, 2],
        [4, 4],
      ],
    });
    take(mark, 2);
    take(mark, 4);
    expect(ackOf("s", mark)).toMatchObject({ through: 5, missing: [] });
  });

  test("are duplicates the second time, also in what was a gap", () => {
    const mark = markOf(1, 3);
    expect(classify(mark, 2)).toBe("new");
    take(mark, 2);
    expect([1, 2, 3].map((number) => classify(mark, number))).toEqual([
      "duplicate",
      "duplicate",
      "duplicate",
    ]);
  });

  test("may run ahead by the limit and no further", () => {
    const mark = markOf(7);
    expect(classify(mark, 7 + limits.sequenceJump)).toBe("new");
    expect(classify(mark, 8 + limits.sequenceJump)).toBe("jump");
  });

  test("declared lost close their gap, whatever of them had arrived", () => {
    const mark = markOf(1, 4, 9);
    takeRange(mark, 2, 6);
    expect(mark).toEqual({ highest: 9, gaps: [[7, 8]] });
  });
});

test("an ack with more gaps than it can list stops below the first it leaves out", () => {
  const odd = Array.from({ length: limits.ackGaps + 3 }, (_, index) => 2 * index + 2);
  const { through, missing } = ackOf("s", markOf(...odd));
  expect(missing).toHaveLength(limits.ackGaps);
  expect(missing.at(-1)).toEqual([2 * limits.ackGaps - 1, 2 * limits.ackGaps - 1]);
  expect(through).toBe(2 * limits.ackGaps);
});

type Step = { readonly from: number; readonly to: number };
const steps = fc.array(
  fc
    .tuple(fc.integer({ min: 1, max: 120 }), fc.nat({ max: 5 }))
    .map(([from, more]): Step => ({ from, to: from + more })),
  { maxLength: 80 },
);

/** What the marks stand for: a set of numbers. */
function modelOf(taken: readonly Step[]): Set<number> {
  const model = new Set<number>();
  for (const { from, to } of taken) for (let number = from; number <= to; number += 1) model.add(number);
  return model;
}

test("marks know exactly the numbers that were taken, in whatever order and overlap", () => {
  fc.assert(
    fc.property(steps, (taken) => {
      const mark = newMark();
      for (const { from, to } of taken) takeRange(mark, from, to);
      const model = modelOf(taken);
      for (let number = 1; number <= 130; number += 1) {
        expect(classify(mark, number)).toBe(model.has(number) ? "duplicate" : "new");
      }
    }),
  );
});

test("an ack claims no number that did not arrive, and lists every gap up to where it goes", () => {
  fc.assert(
    fc.property(steps, (taken) => {
      const mark = newMark();
      for (const { from, to } of taken) takeRange(mark, from, to);
      const model = modelOf(taken);
      const { through, missing } = ackOf("s", mark);
      for (let number = 1; number <= through; number += 1) {
        expect(missing.some(([from, to]) => from <= number && number <= to)).toBe(!model.has(number));
      }
      expect(missing.length).toBeLessThanOrEqual(limits.ackGaps);
    }),
  );
});

test("gaps stay ascending and apart, so that marks stay as small as what is missing", () => {
  fc.assert(
    fc.property(steps, (taken) => {
      const mark = newMark();
      for (const { from, to } of taken) takeRange(mark, from, to);
      for (const [index, [from, to]] of mark.gaps.entries()) {
        expect(from).toBeLessThanOrEqual(to);
        expect(from).toBeGreaterThan((mark.gaps[index - 1]?.[1] ?? -1) + 1);
        expect(to).toBeLessThan(mark.highest);
      }
    }),
  );
});
