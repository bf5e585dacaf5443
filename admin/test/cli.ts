import { spawn } from "node:child_process";
import { resolve } from "node:path";

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The one line of JSON on stdout. */
  readonly json: () => unknown;
}

export interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
}

export const main = resolve(import.meta.dirname, "../src/main.ts");

/** Runs the command as its users do, without a terminal. */
export function run(args: readonly string[], { input = "", env = {}, cwd }: RunOptions = {}): Promise<Ran> {
  return new Promise((done, reject) => {
    const child = spawn(process.execPath, [main, ...args], {
      ...(cwd !== undefined && { cwd }),
      env: { ...process.env, DATABASE_URL: undefined, ...env },
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("error", reject);
    child.on("close", (code) =>
      done({ code: code ?? -1, stdout, stderr, json: (): unknown => JSON.parse(stdout) }),
    );
    child.stdin.end(input);
  });
}
