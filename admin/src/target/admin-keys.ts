import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

function fileOf(workerName: string): string {
  const base = process.env["XDG_CONFIG_HOME"] || join(homedir(), ".config");
  return join(base, "cell-monitor", `${workerName}.admin-key`);
}

/** Keeps a deployment's admin key readable by this user alone. @returns where */
export function keepAdminKey(workerName: string, key: string): string {
  const file = fileOf(workerName);
  mkdirSync(join(file, ".."), { recursive: true, mode: 0o700 });
  writeFileSync(file, `${key}\n`, { mode: 0o600 });
  return file;
}

/** The admin key that a deployment was made with from here. */
export function keptAdminKey(workerName: string): string | undefined {
  const file = fileOf(workerName);
  return existsSync(file) ? readFileSync(file, "utf8").trim() : undefined;
}
