import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { StackError } from "../stack-error.ts";

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** What is started instead of workerd, with `Watchdog.environment`. */
export const guardedWorkerd = script("guarded-workerd.sh");

export interface Watchdog {
  readonly environment: Readonly<Record<string, string>>;
  /** Settles when the watchdog ends without having been told to. */
  readonly lost: Promise<void>;
  /** To be called when workerd has ended. */
  close(): void;
}

/**
 * Starts a process that ends workerd when this one dies: on SIGKILL nothing here gets to do it. It has a session of
 * its own, so that what ends this process's group doesn't end it first.
 * @param runFolder in the data folder: workerd is started by a link in it, by which a stray one is known
 */
export async function startWatchdog(runFolder: string, workerdBinary: string): Promise<Watchdog> {
  const link = join(runFolder, "workerd");
  const pidFile = join(runFolder, "workerd.pid");
  rmSync(link, { force: true });
  symlinkSync(workerdBinary, link);
  const child = spawn("/bin/sh", [script("watchdog.sh"), runFolder], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  await once(child, "spawn");
  child.unref();
  let isClosed = false;
  return {
    environment: { CELL_MONITOR_RUN: runFolder, CELL_MONITOR_WATCHDOG: String(child.pid) },
    lost: new Promise((resolve) => {
      child.once("exit", () => {
        if (!isClosed) resolve();
      });
    }),
    close: () => {
      isClosed = true;
      rmSync(pidFile, { force: true });
      child.stdin.destroy();
    },
  };
}

/**
 * Ends a workerd that an earlier stack on the same folder left behind, and waits until it is gone: two of them would
 * both serve the same objects. To be called by the holder of the folder's lock.
 */
export async function endStrayWorkerd(runFolder: string): Promise<void> {
  const pidFile = join(runFolder, "workerd.pid");
  if (!existsSync(pidFile)) return;
  const pid = Number.parseInt(readFileSync(pidFile, "utf8"), 10);
  const link = join(runFolder, "workerd");
  for (let attempt = 0; commandOf(pid).startsWith(link); attempt += 1) {
    if (attempt === 100) throw new StackError(`An old workerd (process ${pid}) doesn't end: end it first.`);
    sendKill(pid);
    await delay(50);
  }
  rmSync(pidFile, { force: true });
}

/** The command line of a process; empty if there is none. Told by it, a process that got the id later is spared. */
function commandOf(pid: number): string {
  if (!Number.isSafeInteger(pid) || pid <= 1) return "";
  try {
    if (existsSync("/proc/self/cmdline"))
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
    return execFileSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" }).trim();
  } catch {
    return "";
  }
}

function sendKill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself in between.
  }
}
