import { type ChildProcess, execFileSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** All that run on this machine now; those that have ended and only wait for their parent are none of them. */
export function listProcesses(): readonly ProcessEntry[] {
  const table = execFileSync("ps", ["-axww", "-o", "pid=,ppid=,stat=,args="], { encoding: "utf8" });
  return [...table.matchAll(/^ *(\d+) +(\d+) +([^ ]+) +(.*)$/gm)]
    .filter(([, , , state]) => state?.startsWith("Z") === false)
    .map(([, pid, parent, , command = ""]) => ({ pid: Number(pid), parent: Number(parent), command }));
}

/** What a process has started, and what that has. */
export function descendantsOf(pid: number): readonly ProcessEntry[] {
  const all = listProcesses();
  const below = (parent: number): ProcessEntry[] =>
    all.flatMap((entry) => (entry.parent === parent ? [entry, ...below(entry.pid)] : []));
  return below(pid);
}

/** Resolves when the process has ended, and at once if it has. */
export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}

/** Sends a signal to a process, or with a negative id to a group; one that is gone needs none. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

const groups = new Set<number>();
process.on("exit", () => {
  for (const pid of groups) signal(-pid, "SIGKILL");
});

/** Sees to it that a process started with `detached` ends with this one at the latest, and all of its group. */
export function endWithThisProcess(child: ChildProcess): number {
  const { pid } = child;
  if (pid === undefined) throw new Error(`It could not be started: ${child.spawnfile}`);
  groups.add(pid);
  child.once("exit", () => groups.delete(pid));
  return pid;
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("No port was given.");
  return address.port;
}
