import { afterAll, describe, expect, it } from "vitest";
import { liveThroughLesson } from "./support/lesson.ts";
import { isLong } from "./support/mode.ts";
import { System } from "./support/system.ts";

const system = await System.start();
afterAll(() => system[Symbol.asyncDispose]());

await system.watchSteps([]);
await liveThroughLesson(system, isLong);
const steps = [...system.steps];

describe("A class whose server is killed", () => {
  it.for(steps)("at “%s” has everything once when it is back", async (step) => {
    await system.watchSteps([step]);
    await liveThroughLesson(system, isLong);
    expect(system.reached).toEqual([step]);
  });
});
