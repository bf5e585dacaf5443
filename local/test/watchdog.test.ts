import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished, vi } from "vitest";

import { endStrayWorkerd, startWatchdog } from "../src/runtime/watchdog.ts";
import { temporaryFolder } from "./temporary.ts";

const starter = fileURLToPath(new URL("fixtures/guard-sleep.ts", import.meta.url));
const sleep = "/bin/sleep";

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function endAfterTest(pid: number): void {
  onTestFinished(() => {
    if (isAlive(pid)) process.kill(pid, "SIGKILL");
  });
}

/** A process that has started a guarded runtime, and the id of that. */
async function startGuarded(runFolder: string): Promise<{ parent: ChildProcess; pid: number }> {
  const parent = spawn(process.execPath, [starter, runFolder, sleep], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  onTestFinished(() => void parent.kill("SIGKILL"));
  const [said] = await once(parent.stdout, "data");
  const pid = Number(String(said));
  endAfterTest(pid);
  // The id alone says only that the shell in front of the runtime was started.
  await vi.waitFor(() => expect(existsSync(join(runFolder, "workerd.pid"))).toBe(true));
  return { parent, pid };
}

describe("the watchdog", () => {
  it("ends the runtime when its parent is killed", async () => {
    const { parent, pid } = await startGuarded(temporaryFolder());
    expect(isAlive(pid)).toBe(true);
    parent.kill("SIGKILL");
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 5_000 });
  });

  it("touches nothing when it is told that the runtime has ended", async () => {
    const runFolder = temporaryFolder();
    const watchdog = await startWatchdog(runFolder, sleep);
    const bystander = spawn(sleep, ["600"], { stdio: "ignore" });
    endAfterTest(bystander.pid ?? 0);
    writeFileSync(join(runFolder, "workerd.pid"), String(bystander.pid));
    watchdog.close();
    const pid = Number(watchdog.environment["CELL_MONITOR_WATCHDOG"]);
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 5_000 });
    expect(isAlive(bystander.pid ?? 0)).toBe(true);
  });

  it("is missed when it ends by itself", async () => {
    const watchdog = await startWatchdog(temporaryFolder(), sleep);
    process.kill(Number(watchdog.environment["CELL_MONITOR_WATCHDOG"]), "SIGKILL");
    await expect(watchdog.lost).resolves.toBeUndefined();
  });
});

describe("a runtime that was left behind", () => {
  it("is ended before another one starts", async () => {
    const runFolder = temporaryFolder();
    await startWatchdog(runFolder, sleep);
    const stray = spawn(join(runFolder, "workerd"), ["600"], { stdio: "ignore" });
    endAfterTest(stray.pid ?? 0);
    await once(stray, "spawn");
    writeFileSync(join(runFolder, "workerd.pid"), String(stray.pid));
    await endStrayWorkerd(runFolder);
    expect(isAlive(stray.pid ?? 0)).toBe(false);
  });

  it("is not mistaken for a process that got its id later", async () => {
    const runFolder = temporaryFolder();
    const bystander = spawn(sleep, ["600"], { stdio: "ignore" });
    endAfterTest(bystander.pid ?? 0);
    await once(bystander, "spawn");
    writeFileSync(join(runFolder, "workerd.pid"), String(bystander.pid));
    await endStrayWorkerd(runFolder);
    expect(isAlive(bystander.pid ?? 0)).toBe(true);
  });
});
