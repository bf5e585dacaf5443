import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** What the threads of a process have used of the processors so far, in ms, to the nanosecond; Linux only. */
export function processorMs(pid: number): number {
  const tasks = `/proc/${pid}/task`;
  return readdirSync(tasks).reduce((sum, task) => sum + threadMs(`${tasks}/${task}/schedstat`), 0);
}

function threadMs(file: string): number {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    // It ended between being listed and being looked at.
    return 0;
  }
  const ranNs = Number(text.split(" ")[0]);
  if (!Number.isFinite(ranNs)) throw new Error(`${file} reads otherwise: ${text}`);
  return ranNs / 1e6;
}

const lookEveryMs = 250;
const quietShare = 0.08;
const quietWithinMs = 30_000;

/** Waits until a process has nothing more to do, such as to drain what it took. */
export async function untilQuiet(pid: number): Promise<void> {
  const untilMs = performance.now() + quietWithinMs;
  let before = processorMs(pid);
  while (performance.now() < untilMs) {
    await delay(lookEveryMs);
    const now = processorMs(pid);
    if (now - before <= lookEveryMs * quietShare) return;
    before = now;
  }
}
