// oxlint-disable-next-line typescript/triple-slash-reference -- these types must come along where another package imports this file
/// <reference path="../webassembly.d.ts" />
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import * as v from "valibot";

/** PGlite's compiled programs: PostgreSQL, and initdb that makes a database. */
export const PgliteModules = v.object({
  pgliteWasmModule: v.instance(WebAssembly.Module),
  initdbWasmModule: v.instance(WebAssembly.Module),
});
export type PgliteModules = v.InferOutput<typeof PgliteModules>;

let modules: Promise<PgliteModules> | undefined;

/**
 * Compiles PGlite once for all threads of this process, and keeps it. That makes starts quicker; and V8 has been seen
 * to abort the process when it frees the code of one thread's copy while another thread compiles its own.
 */
export function pgliteModules(): Promise<PgliteModules> {
  modules ??= compileBoth();
  return modules;
}

async function compileBoth(): Promise<PgliteModules> {
  const [pgliteWasmModule, initdbWasmModule] = await Promise.all([
    compile("pglite.wasm"),
    compile("initdb.wasm"),
  ]);
  return { pgliteWasmModule, initdbWasmModule };
}

async function compile(file: string): Promise<WebAssembly.Module> {
  const path = fileURLToPath(import.meta.resolve(`@electric-sql/pglite/${file}`));
  return WebAssembly.compile(await readFile(path));
}
