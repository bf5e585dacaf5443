import { expect, it } from "vitest";
import { Backoff } from "../src/backoff.ts";
import { FakePlatform } from "./fake-platform.ts";

function start() {
  const platform = new FakePlatform();
  platform.luck = 0.5;
  const backoff = new Backoff(platform, 60_000);
  const waitMs = () => backoff.notBeforeMs - platform.elapsed();
  return { platform, backoff, waitMs };
}

it("counts failures of one moment once: several batches on their way fail together", () => {
  const { backoff, waitMs } = start();
  for (let batch = 0; batch < 4; batch += 1) backoff.fail();
  expect(backoff.failures).toBe(1);
  expect(waitMs()).toBe(500);
});

it("does not come back earlier than a server said because something else failed since", () => {
  const { backoff, waitMs } = start();
  backoff.fail(30_000);
  backoff.fail();
  backoff.hope();
  expect(waitMs()).toBe(30_000);
});
