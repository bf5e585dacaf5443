import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { describe } from "vitest";
import { checkout } from "./stack-process.ts";

/** Where a command is, if it is installed; one with a slash is looked for in the checkout. */
function findBinary(name: string): string | undefined {
  if (name.includes("/")) return [join(checkout, name)].find(isExecutable);
  const folders = [
    ...(process.env["PATH"] ?? "").split(delimiter),
    "/usr/bin",
    "/usr/sbin",
    "/usr/local/bin",
  ];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * A suite that needs commands of this machine. Where one is missing it is skipped by name; with `CI=true` it runs
 * all the same, and fails.
 */
export function describeWith(needed: readonly string[], title: string, suite: () => void): void {
  const missing = needed.filter((name) => findBinary(name) === undefined);
  const mayMiss = process.env["CI"] !== "true";
  const reason = mayMiss && missing.length > 0 ? ` (skipped: ${missing.join(", ")} not found)` : "";
  describe.skipIf(reason !== "")(`${title}${reason}`, () => {
    suite();
  });
}

/** The path of a command that has to be there. */
export function requireBinary(name: string): string {
  const path = findBinary(name);
  if (path === undefined) throw new Error(`${name} is not installed.`);
  return path;
}
