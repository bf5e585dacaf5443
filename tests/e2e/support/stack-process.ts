import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { descendantsOf, ended, endWithThisProcess, listProcesses, signal } from "./processes.ts";

export const checkout = fileURLToPath(new URL("../../..", import.meta.url));

/** The line that `npm start -- --json` prints when everything answers. */
const announcementSchema = v.object({
  url: v.string(),
  gatewayUrl: v.string(),
  classId: v.string(),
  classCode: v.string(),
  adminToken: v.string(),
  instructorToken: v.string(),
  studentToken: v.string(),
  classKey: v.string(),
  loginUrl: v.string(),
  joinCode: v.string(),
});
export type Announcement = v.InferOutput<typeof announcementSchema>;

export interface StackOptions {
  readonly dataDir: string;
  /** 0 takes any free one. */
  readonly port?: number;
  /** Simulated students. */
  readonly students?: number;
  /** Real stores in the place of the embedded ones. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface StackProcess extends Announcement, AsyncDisposable {
  readonly dataDir: string;
  readonly port: number;
  /** Kills all of it at once, as a machine that goes down would. */
  killGroup(): Promise<void>;
  /** Kills the Node process and nothing else: what it has started must end by itself. */
  killNode(): Promise<void>;
  /** Ends it as Ctrl-C does. */
  stop(): Promise<void>;
  /** What it has logged. */
  log(): string;
}

const nodeCommand = "local/src/main.ts";

/** Starts the stack by the README's command, and resolves when it says that it is ready. */
export async function startStack(options: StackOptions): Promise<StackProcess> {
  const { dataDir, port = 0, students = 0, environment = {} } = options;
  const args = ["--json", "--port", String(port), "--data", dataDir];
  const demo = students === 0 ? ["--no-demo"] : ["--students", String(students)];
  const child = spawn("npm", ["start", "--silent", "--", ...args, ...demo], {
    cwd: checkout,
    env: { ...environmentOfAUser(), ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const pid = endWithThisProcess(child);
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (log += text));

  const killGroup = async (): Promise<void> => {
    signal(-pid, "SIGKILL");
    await ended(child);
  };
  const stop = async (): Promise<void> => {
    signal(-pid, "SIGINT");
    await ended(child);
  };
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) {
    const announcement = v.parse(announcementSchema, JSON.parse(line));
    return {
      ...announcement,
      dataDir,
      port: Number(new URL(announcement.url).port),
      killGroup,
      killNode: async () => {
        const [node, ...others] = descendantsOf(pid).filter(({ command }) => command.includes(nodeCommand));
        if (node === undefined || others.length > 0) throw new Error("There should be one Node process.");
        signal(node.pid, "SIGKILL");
        await ended(child);
      },
      stop,
      log: () => log,
      [Symbol.asyncDispose]: stop,
    };
  }
  await ended(child);
  throw new Error(`The stack ended before it was ready:\n${log}`);
}

/** The servers that run the worker on this data folder. */
export function serversOf(dataDir: string): readonly number[] {
  const workerd = `${join(dataDir, "run", "workerd")} `;
  return listProcesses()
    .filter(({ command }) => command.startsWith(workerd))
    .map(({ pid }) => pid);
}

/** This process's, without what would reach the stack by accident. */
function environmentOfAUser(): NodeJS.ProcessEnv {
  const isOurs = (name: string): boolean => /^(DATABASE_URL|INFLUX_|REDIS_|NODE_|VITEST|npm_)/.test(name);
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isOurs(name)));
}
