import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import * as v from "valibot";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  export interface ProvidedContext {
    databaseUrl: string;
    neonSqlUrl: string;
  }
}

const readySchema = v.object({ databaseUrl: v.string(), sqlUrl: v.string() });

/** A database for the suite, empty but for its tables. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const script = join(import.meta.dirname, "gateway-process.mjs");
  const gateway = spawn(process.execPath, [script], { stdio: ["pipe", "pipe", "inherit"] });
  const exit = once(gateway, "exit");
  const [line] = await Promise.race([
    once(createInterface(gateway.stdout), "line"),
    exit.then(([code]) => {
      throw new Error(`The gateway ended with ${code} before it was ready.`);
    }),
  ]);
  const { databaseUrl, sqlUrl } = v.parse(readySchema, JSON.parse(v.parse(v.string(), line)));
  project.provide("databaseUrl", databaseUrl);
  project.provide("neonSqlUrl", sqlUrl);
  return async () => {
    gateway.stdin.end();
    await exit;
  };
}
