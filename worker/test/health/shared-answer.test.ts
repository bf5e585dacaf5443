import { expect, it } from "vitest";
import { SharedAnswer } from "../../src/health/shared-answer.ts";

function setUp() {
  const clock = { nowMs: 1_000 };
  const ends: ((isGood: boolean) => void)[] = [];
  const answer = new SharedAnswer<boolean>({
    now: () => clock.nowMs,
    keepMs: (isGood) => (isGood ? 500 : 100),
    giveUpAfterMs: 2_000,
  });
  const ask = () =>
    answer.get(() => {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      ends.push(resolve);
      return promise;
    });
  return { clock, ends, ask };
}

it("is looked up once for all who ask while it is", async () => {
  const { ends, ask } = setUp();
  const asked = [ask(), ask(), ask()];
  ends[0]?.(true);
  expect(await Promise.all(asked)).toEqual([true, true, true]);
  expect(ends).toHaveLength(1);
});

it.for([
  [true, 500],
  [false, 100],
] as const)("is kept, when %s, for %d ms", async ([isGood, keptMs]) => {
  const { clock, ends, ask } = setUp();
  const asked = ask();
  ends[0]?.(isGood);
  await asked;
  clock.nowMs += keptMs - 1;
  expect(await ask()).toBe(isGood);
  expect(ends).toHaveLength(1);
  clock.nowMs += 1;
  void ask();
  expect(ends).toHaveLength(2);
});

it("is looked up anew where the first never ends", () => {
  const { clock, ends, ask } = setUp();
  void ask();
  clock.nowMs += 2_000;
  void ask();
  void ask();
  expect(ends).toHaveLength(2);
});
