import { limits } from "@cell-monitor/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { countOf, holds } from "../../../src/classroom/ingest/ranges.ts";
import {
  ackOf,
  classify,
  declareLost,
  listedLosses,
  newMark,
  type SessionMark,
  maxGaps,
  take,
} from "../../../src/classroom/ingest/watermarks.ts";

function takeRange(mark: SessionMark, from: number, to: number): void {
  for (let sequence = from; sequence <= to; sequence += 1) take(mark, { sequence });
}

function markOf(...numbers: number[]): SessionMark {
  const mark = newMark();
  for (const number of numbers) take(mark, { sequence: number });
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
    take(mark, { sequence: 2 });
    take(mark, { sequence: 4 });
    expect(ackOf("s", mark)).toMatchObject({ through: 5, missing: [] });
  });

  test("are duplicates the second time, also in what was a gap", () => {
    const mark = markOf(1, 3);
    expect(classify(mark, { sequence: 2 })).toBe("new");
    take(mark, { sequence: 2 });
    expect([1, 2, 3].map((number) => classify(mark, { sequence: number }))).toEqual([
      "duplicate",
      "duplicate",
      "duplicate",
    ]);
  });

  test("may run ahead by the limit and no further", () => {
    const mark = markOf(7);
    expect(classify(mark, { sequence: 7 + limits.sequenceJump })).toBe("new");
    expect(classify(mark, { sequence: 8 + limits.sequenceJump })).toBe("jump");
  });

  test("declared lost close their gap, whatever of them had arrived, and are kept apart", () => {
    const mark = markOf(1, 4, 9);
    declareLost(mark, 2, 6);
    expect(mark).toEqual({
      highest: 9,
      gaps: [[7, 8]],
      lost: [
        [2, 3],
        [5, 6],
      ],
    });
  });

  test("declared lost ahead of all that arrived leave only what is below them missing", () => {
    const mark = markOf(1);
    declareLost(mark, 4, 6);
    expect(mark).toEqual({ highest: 6, gaps: [[2, 3]], lost: [[4, 6]] });
    declareLost(mark, 2, 8);
    expect(mark).toEqual({ highest: 8, gaps: [], lost: [[2, 8]] });
  });

  test("that arrive after they were declared lost are new once, and lost no more", () => {
    const mark = markOf(1, 5);
    declareLost(mark, 2, 4);
    expect(classify(mark, { sequence: 3 })).toBe("new");
    take(mark, { sequence: 3 });
    expect(classify(mark, { sequence: 3 })).toBe("duplicate");
    expect(mark.lost).toEqual([
      [2, 2],
      [4, 4],
    ]);
    take(mark, { sequence: 2 });
    take(mark, { sequence: 4 });
    expect(mark).toEqual(markOf(1, 2, 3, 4, 5));
  });

  test("declared lost in more ranges than are kept are counted all the same, and such as come late are not taken for repeats", () => {
    const mark = markOf(2 * listedLosses + 9);
    for (let number = 1; number <= 2 * listedLosses + 7; number += 2) declareLost(mark, number, number);
    expect(mark.lost).toHaveLength(listedLosses);
    expect(mark.lostUnlisted).toBe(4);
    expect(mark.gaps).toHaveLength(listedLosses + 4);
    const told = [1, 2, 7, 9, 2 * listedLosses + 9].map((sequence) => classify(mark, { sequence }));
    expect(told).toEqual(["unsure", "new", "unsure", "new", "duplicate"]);
  });

  test("that leave one gap too many have to wait until one is filled, and those that fill one don't", () => {
    const mark = newMark();
    for (let number = 2; number <= 2 * maxGaps; number += 2) take(mark, { sequence: number });
    const { highest } = mark;
    expect(mark.gaps).toHaveLength(maxGaps);
    expect(classify(mark, { sequence: highest + 2 })).toBe("jump");
    expect(classify(mark, { sequence: highest + 1 })).toBe("new");
    expect(classify(mark, { sequence: 1 })).toBe("new");
    const closing = { sequence: highest + 2, isLoss: true, loss: { from: 1, to: 1 } };
    expect(classify(mark, closing)).toBe("new");
    take(mark, closing);
    expect(classify(mark, { sequence: highest + 4 })).toBe("jump");
    take(mark, { sequence: 3 });
    expect(classify(mark, { sequence: highest + 4 })).toBe("new");
  });

  test("in the middle of a gap wait, too, when they would make two of one too many", () => {
    const mark = markOf(4);
    for (let number = 6; number <= 2 * maxGaps + 2; number += 2) take(mark, { sequence: number });
    expect(mark.gaps).toHaveLength(maxGaps);
    expect([1, 2, 3, 5].map((sequence) => classify(mark, { sequence }))).toEqual([
      "new",
      "jump",
      "new",
      "new",
    ]);
  });

  test("of a declaration of loss may run ahead further than others, and not without bound", () => {
    const mark = markOf(7);
    const loss = (sequence: number) => classify(mark, { sequence, isLoss: true });
    expect(loss(7 + limits.lossJump)).toBe("new");
    expect(loss(8 + limits.lossJump)).toBe("jump");
  });
});

test("an ack with more gaps than it can list stops below the first it leaves out", () => {
  const odd = Array.from({ length: limits.ackGaps + 3 }, (_, index) => 2 * index + 2);
  const { through, missing } = ackOf("s", markOf(...odd));
  expect(missing).toHaveLength(limits.ackGaps);
  expect(missing.at(-1)).toEqual([2 * limits.ackGaps - 1, 2 * limits.ackGaps - 1]);
  expect(through).toBe(2 * limits.ackGaps);
});

test("who has nothing left for the lowest gaps is told of what else it sent, however many there are", () => {
  const mark = markOf(...Array.from({ length: 50 }, (_, index) => 2 * index + 2));
  const { through, missing } = ackOf("s", mark, 60);
  expect(missing[0]).toEqual([1, 59]);
  expect(missing).toHaveLength(limits.ackGaps);
  expect(through).toBe(90);
  expect(ackOf("s", mark, 100)).toEqual({ sessionId: "s", through: 100, missing: [[1, 99]] });
  expect(ackOf("s", mark, 32)).toEqual(ackOf("s", mark));
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
        expect(classify(mark, { sequence: number })).toBe(model.has(number) ? "duplicate" : "new");
      }
    }),
  );
});

test("marks know what arrived, what is lost and what is missing, in whatever order it was told", () => {
  const told = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 120 }), fc.nat({ max: 5 })), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(told, (steps) => {
      const mark = newMark();
      const arrived = new Set<number>();
      const declared = new Set<number>();
      for (const [isLoss, from, more] of steps) {
        const act = isLoss ? declareLost : takeRange;
        act(mark, from, from + more);
        for (let number = from; number <= from + more; number += 1) (isLoss ? declared : arrived).add(number);
      }
      const highest = Math.max(0, ...arrived, ...declared);
      expect(mark.highest).toBe(highest);
      for (let number = 1; number <= highest; number += 1) {
        const isLost = !arrived.has(number) && declared.has(number);
        expect(holds(mark.lost ?? [], number)).toBe(isLost);
        expect(holds(mark.gaps, number)).toBe(!arrived.has(number) && !isLost);
      }
      expect(highest - countOf(mark.gaps) - countOf(mark.lost ?? [])).toBe(arrived.size);
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

test("an ack claims no number that did not arrive, whatever its client had sent, and what that was is among what it claims", () => {
  fc.assert(
    fc.property(steps, fc.nat({ max: 200 }), (taken, choice) => {
      const mark = newMark();
      for (const { from, to } of taken) takeRange(mark, from, to);
      const model = modelOf(taken);
      const sentFrom = [...model].sort((a, b) => a - b)[choice % Math.max(model.size, 1)];
      const { through, missing } = ackOf("s", mark, sentFrom);
      const claims = (number: number) => number <= through && !holds(missing, number);
      const claimed = Array.from({ length: through }, (_, index) => index + 1).filter(claims);
      expect(claimed.filter((number) => !model.has(number))).toEqual([]);
      expect(sentFrom === undefined || claims(sentFrom)).toBe(true);
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
