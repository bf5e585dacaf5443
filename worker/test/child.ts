import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import * as v from "valibot";

/** Starts a script of this folder, reads what its first line says, and ends it when its stdin is closed. */
export async function startChild<Schema extends v.GenericSchema>(name: string, schema: Schema) {
  const script = join(import.meta.dirname, name);
  const child = spawn(process.execPath, [script], { stdio: ["pipe", "pipe", "inherit"] });
  const exit = once(child, "exit");
  const [line] = await Promise.race([
    once(createInterface(child.stdout), "line"),
    exit.then(([code]) => {
      throw new Error(`${name} ended with ${code} before it was ready.`);
    }),
  ]);
  return {
    ready: v.parse(schema, JSON.parse(v.parse(v.string(), line))),
    async close(): Promise<void> {
      child.stdin.end();
      await exit;
    },
  };
}
