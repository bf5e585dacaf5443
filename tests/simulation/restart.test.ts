import type { Batch } from "@cell-monitor/protocol";
import { expect, it } from "vitest";
import type { ClassSettings } from "../../durable-objects/src/classroom/settings.ts";
import { holderOf } from "./dashboard.ts";
import { Disk } from "./disk.ts";
import { Host } from "./host.ts";
import { LogWatch } from "./log-watch.ts";
import { World } from "./world.ts";

const minuteMs = 60_000;

/** One class without stores, whose time goes when told. */
async function startClass() {
  const world = new World(1, false);
  const disk = new Disk();
  const log = new LogWatch(world, disk, []);
  const host = new Host({ world, disk, sinks: () => [], flushed: () => log.look() });
  const run = async (durationMs: number) => {
    const untilMs = world.now() + durationMs;
    world.after(durationMs, () => undefined);
    while (await world.step(untilMs));
  };
  const settings: ClassSettings = {
    classId: "class",
    version: 1,
    name: "Python",
    code: "PY1",
    captureLevel: "activity",
    keyVersion: 1,
    revokedBefore: {},
    sections: {},
    endsMs: {},
    retentionDays: 180,
    stuckAfterErrors: 3,
    idleAfterMs: 5 * minuteMs,
  };
  void host.call("configure", (object) => object.configure(settings));
  await run(10);
  const ears = { message: () => undefined, close: () => undefined };
  const connect = async () => {
    const opening = host.open(holderOf("student", world.now(), "ada"), "", { delayMs: () => 1 }, ears);
    await run(10);
    const opened = await opening;
    if (!opened.ok) throw new Error(opened.refusal.message);
    return opened.value;
  };
  const raiseHand = async () => {
    const nowMs = world.now();
    const event = {
      eventId: world.newId(),
      eventType: "help",
      helpId: "hand",
      eventTime: new Date(nowMs).toISOString(),
    };
    const batch: Batch = {
      receivedMs: nowMs,
      events: [{ event, timeMs: nowMs, studentId: "ada", index: 0 }],
      refused: [],
    };
    void host.call("ingest", (object) => object.ingest(holderOf("student", nowMs, "ada"), batch));
    await run(10);
  };
  const lowered = () => log.byVersion.filter(({ event }) => event.eventType === "help_stop").length;
  return { host, run, connect, raiseHand, lowered };
}

it("leaves the hand of who waited quietly on a connection up through every restart", async () => {
  const { host, run, connect, raiseHand, lowered } = await startClass();
  await connect();
  await raiseHand();
  for (let restart = 0; restart < 3; restart += 1) {
    await run(30 * minuteMs);
    host.deploy();
    void host.call("wake", () => undefined);
    await run(5_000);
    await connect();
  }
  expect(lowered()).toBe(0);
});

it("gives who does not come back after a restart ten minutes once, however often the class wakes", async () => {
  const { host, run, connect, raiseHand, lowered } = await startClass();
  await connect();
  await raiseHand();
  await run(30 * minuteMs);
  host.deploy();
  for (let minute = 0; minute < 9; minute += 1) {
    void host.call("wake", () => undefined);
    await run(minuteMs);
    host.crash("crash");
  }
  expect(lowered()).toBe(0);
  void host.call("wake", () => undefined);
  await run(2 * minuteMs);
  expect(lowered()).toBe(1);
});
