import { expect, it } from "vitest";
import { faultKinds } from "./fault-kinds.ts";
import { runSchedule } from "./schedule.ts";

it("starts a class over whose alarm could not be set, so that what waits for it is stored all the same", async () => {
  // A disk that refuses to set the alarm, once, and nothing else that goes wrong.
  const without = faultKinds.filter((kind) => kind !== "disk_error");
  const { violation } = await runSchedule({ seed: 100_158, without });
  expect(violation).toBeUndefined();
});
