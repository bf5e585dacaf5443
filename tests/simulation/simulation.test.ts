import { describe, expect, it } from "vitest";
import { runSchedule } from "./schedule.ts";
import { reportOf, shrink } from "./shrink.ts";

const schedules = 120;
/** So that a failure is told soon, and by its seed. */
const atOnce = 20;

describe("a class whose world is drawn from a seed", () => {
  it.each(Array.from({ length: schedules / atOnce }, (_, group) => 1 + group * atOnce))(
    "keeps its promises, whatever befalls it: schedules from seed %i",
    async (first) => {
      let broken = "";
      for (let seed = first; seed < first + atOnce && broken === ""; seed += 1) {
        const { violation } = await runSchedule({ seed });
        if (violation !== undefined) broken = reportOf(await shrink({ seed }));
      }
      expect(broken).toBe("");
    },
  );

  it("meets the same schedule again with the same seed, to the last step", async () => {
    for (const seed of [7, 77, 777]) {
      const [once, again] = [await runSchedule({ seed }), await runSchedule({ seed, keepsTrace: true })];
      expect(again).toMatchObject({ hash: once.hash, steps: once.steps, acked: once.acked });
    }
  });

  it("meets another schedule with another seed", async () => {
    const hashes = await Promise.all([1, 2, 3].map(async (seed) => (await runSchedule({ seed })).hash));
    expect(new Set(hashes).size).toBe(3);
  });

  it("stores events and acknowledges them, so that there is something to break", async () => {
    const { events, acked, violation } = await runSchedule({ seed: 4, without: [] });
    expect(violation).toBeUndefined();
    expect(events).toBeGreaterThan(0);
    expect(acked).toBeGreaterThan(0);
  });
});
