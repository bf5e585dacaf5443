// Type-checks every folder that has a tsconfig.json against the globals of the runtime it runs in.
import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { dirname } from "node:path";

/** @param {string} folder */
function check(folder) {
  return new Promise((resolve) => {
    const args = ["--noEmit", "--pretty", "-p", folder];
    spawn("tsc", args, { stdio: "inherit" }).on("exit", (code) => resolve(code ?? 1));
  });
}

let failed = 0;
const configs = globSync("**/tsconfig.json", { exclude: (path) => /node_modules|^\./.test(path) });
for (const config of configs.toSorted()) {
  if ((await check(dirname(config))) !== 0) failed += 1;
}
process.exit(failed === 0 ? 0 : 1);
