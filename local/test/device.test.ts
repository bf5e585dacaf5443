import { describe, expect, it, vi } from "vitest";

import type { Deed } from "../src/simulator/actions.ts";
import { Device } from "../src/simulator/device.ts";
import { FakePlatform } from "./fake-platform.ts";

const place = { cellId: "mean", cellIndex: 3, cellTags: [] };
const help = { path: "a.ipynb", number: 1, place, note: "" };

function start() {
  const platform = new FakePlatform();
  const credentials = { token: () => "token", refresh: () => Promise.resolve("unavailable" as const) };
  const device = new Device({ server: "http://class.test", classId: "class", credentials, platform });
  const does = (deed: Deed): void => device.perform(deed, platform.now());
  const types = (): string[] => platform.received.map(({ eventType }) => eventType);
  return { platform, device, does, types };
}

describe("a simulated student's device", () => {
  it("keeps what happens without a connection, and sends it when that is back", async () => {
    const { platform, device, does, types } = start();
    does({ kind: "page_open" });
    await platform.pass(1_000);
    does({ kind: "offline" });
    does({ kind: "notebook_open", path: "a.ipynb" });
    does({ kind: "activity" });
    await platform.pass(60_000);
    expect(types()).toEqual(["session_start"]);
    expect(device.unsent).toBe(2);
    does({ kind: "online" });
    await platform.pass(1_000);
    expect(types()).toEqual(["session_start", "notebook_open", "activity"]);
    expect(platform.received.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect(device.unsent).toBe(0);
  });

  it("loses nothing over a reload without a connection: the next page sends the last one's events", async () => {
    const { platform, device, does } = start();
    does({ kind: "page_open" });
    await platform.pass(1_000);
    does({ kind: "offline" });
    does({ kind: "activity" });
    does({ kind: "page_close" });
    await platform.pass(5_000);
    does({ kind: "page_open" });
    does({ kind: "online" });
    await platform.pass(120_000);
    const sessions = Map.groupBy(platform.received, ({ sessionId }) => sessionId);
    expect([...sessions.values()].map((events) => events.map(({ eventType }) => eventType))).toEqual([
      ["session_start", "activity", "session_end"],
      ["session_start"],
    ]);
    expect(platform.received.find(({ eventType }) => eventType === "session_end")?.lastSequence).toBe(3);
    expect(device.unsent).toBe(0);
  });

  it("repeats a raised hand every five seconds, without a number, until it is lowered", async () => {
    const { platform, does } = start();
    const repeats = (): number =>
      platform.received.filter(({ eventType, sequence }) => eventType === "help" && sequence === undefined)
        .length;
    does({ kind: "page_open" });
    does({ kind: "help", ...help });
    await platform.pass(16_000);
    expect(repeats()).toBe(3);
    does({ kind: "help_stop", ...help });
    await platform.pass(16_000);
    expect(repeats()).toBe(3);
    expect(new Set(platform.received.flatMap(({ helpId }) => helpId ?? [])).size).toBe(1);
  });

  it("gives runs of another lesson other ids", async () => {
    const { platform, device, does } = start();
    const recorded = { source: "1", sourceHash: "0".repeat(16), durationMs: 1, result: "1" };
    const run = {
      number: 1,
      executionCount: 1,
      place,
      outcome: { status: "ok", recorded },
      durationMs: 1,
    } as const;
    does({ kind: "page_open" });
    does({ kind: "run_start", path: "a.ipynb", run });
    does({ kind: "run_end", path: "a.ipynb", run });
    device.beginLesson();
    does({ kind: "run_start", path: "a.ipynb", run });
    await platform.pass(1_000);
    // A batch of this size is compressed, which takes real time.
    await vi.waitFor(() => expect(device.unsent).toBe(0));
    const [first, second, third] = platform.received.flatMap(({ executionId }) => executionId ?? []);
    expect(first).toBe(second);
    expect(third).not.toBe(first);
  });

  it("ends its session when it leaves", async () => {
    const { platform, device, does, types } = start();
    does({ kind: "page_open" });
    const left = device.leave(platform.now());
    await platform.pass(1_000);
    await left;
    expect(types()).toEqual(["session_start", "session_end"]);
  });
});
