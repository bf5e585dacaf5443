import { spawn } from "node:child_process";
import { exitCodes } from "./exit-codes.ts";
import { Failure } from "./failure.ts";

export interface WranglerResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface WranglerOptions {
  readonly config: string;
  readonly env: string | undefined;
  /** Written to its standard input: secrets never stand in an argument. */
  readonly input?: string;
  /** What it prints is shown as it comes. */
  readonly isShown?: boolean;
}

/** Runs wrangler with the configuration and environment that were named. */
export function wrangler(args: readonly string[], options: WranglerOptions): Promise<WranglerResult> {
  const { config, env, input, isShown = false } = options;
  const all = [...args, "--config", config, ...(env === undefined ? [] : ["--env", env])];
  return new Promise((resolve, reject) => {
    const child = spawn("wrangler", all, { stdio: ["pipe", "pipe", "pipe"] });
    const printed = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        printed[name] += text;
        // Results are on stdout: what wrangler says meanwhile is not one.
        if (isShown) process.stderr.write(text);
      });
    }
    child.on("error", () => {
      const message = "wrangler is not there: run this by npx in a checkout, after npm run prepare-checkout.";
      reject(new Failure(exitCodes.failed, "no_wrangler", message));
    });
    child.on("close", (code) => resolve({ code: code ?? 1, ...printed }));
    child.stdin.on("error", () => undefined).end(input ?? "");
  });
}

/** The same where anything but success ends the command. */
export async function wranglerOrFail(
  args: readonly string[],
  options: WranglerOptions,
): Promise<WranglerResult> {
  const result = await wrangler(args, options);
  if (result.code === 0) return result;
  const said = (result.stderr || result.stdout).trim().split("\n").slice(-5).join("\n");
  throw new Failure(exitCodes.failed, "wrangler_failed", `wrangler ${args[0] ?? ""} failed: ${said}`);
}
