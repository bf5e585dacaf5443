import { describe, expect, it } from "vitest";

import { play } from "../src/simulator/player.ts";
import { FakePlatform } from "./fake-platform.ts";

const items = [{ atMs: 0 }, { atMs: 1_000 }, { atMs: 1_000 }, { atMs: 5_000 }];

describe("the player", () => {
  it("performs what lies behind at once, each with the time at which it was due", () => {
    const platform = new FakePlatform();
    const startMs = platform.now() - 2_000;
    const due: number[] = [];
    play(items, startMs, platform, (_, dueMs) => due.push(dueMs - startMs));
    expect(due).toEqual([0, 1_000, 1_000]);
  });

  it("performs the rest when its time comes", async () => {
    const platform = new FakePlatform();
    const done: number[] = [];
    play(items, platform.now(), platform, ({ atMs }) => done.push(atMs));
    expect(done).toEqual([0]);
    await platform.pass(999);
    expect(done).toEqual([0]);
    await platform.pass(1);
    expect(done).toEqual([0, 1_000, 1_000]);
    await platform.pass(10_000);
    expect(done).toEqual([0, 1_000, 1_000, 5_000]);
  });

  it("performs nothing more when stopped", async () => {
    const platform = new FakePlatform();
    const done: number[] = [];
    const stop = play(items, platform.now(), platform, ({ atMs }) => done.push(atMs));
    stop();
    await platform.pass(10_000);
    expect(done).toEqual([0]);
  });
});
