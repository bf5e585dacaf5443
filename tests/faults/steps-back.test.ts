import { afterAll, describe, expect, it } from "vitest";
import { liveThroughLesson } from "./support/lesson.ts";
import { tellProgress } from "./support/mode.ts";
import { System } from "./support/system.ts";

const isWhole = false;
const system = await System.start();
afterAll(() => system[Symbol.asyncDispose]());

await system.watchSteps([]);
await liveThroughLesson(system, isWhole);
const steps = [...system.steps];

describe("A class whose server is killed, and killed again at every step of coming back", () => {
  it.for(steps)("from “%s” has everything once", { timeout: 10 * 60_000 }, async (step) => {
    await system.watchSteps([step]);
    await liveThroughLesson(system, isWhole);
    const later = [...system.steps];
    tellProgress(`${step}: ${later.length} steps follow`);
    for (const next of later) {
      await system.watchSteps([step, next]);
      await liveThroughLesson(system, isWhole);
      expect(system.reached).toEqual([step, next]);
    }
  });
});
