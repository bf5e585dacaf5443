#!/usr/bin/env node
import { CommanderError } from "commander";
import { exitCodes } from "./exit-codes.ts";
import { Failure } from "./failure.ts";
import { createProgram } from "./program.ts";

/** Runs the command. @returns what the process is to end with */
async function main(args: readonly string[]): Promise<number> {
  const program = createProgram();
  try {
    await program.parseAsync([...args], { from: "user" });
    return Number(process.exitCode ?? exitCodes.ok);
  } catch (error) {
    // It has said all there is to say, be that help or what was wrong.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    return report(error, args.includes("--json"));
  }
}

function report(error: unknown, isJson: boolean): number {
  const { exitCode, code, message, details } =
    error instanceof Failure
      ? error
      : { exitCode: exitCodes.failed, code: "internal", message: stackOf(error), details: undefined };
  if (isJson) process.stdout.write(`${JSON.stringify({ error: { code, message, details } })}\n`);
  else process.stderr.write(`${message}\n${detailsOf(details)}`);
  return exitCode;
}

/** Further fields that a refusal names; the first stands in its message. */
function detailsOf(details: unknown): string {
  if (!Array.isArray(details) || details.length < 2) return "";
  return details.map((detail: unknown) => `  ${JSON.stringify(detail)}\n`).join("");
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

// Who reads the results may have had enough of them: `cell-monitor tail … | head`.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(exitCodes.ok);
});
process.exitCode = await main(process.argv.slice(2));
