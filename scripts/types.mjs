// Type-checks every workspace against the globals of the runtime it runs in.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

const { workspaces } = JSON.parse(readFileSync("package.json", "utf8"));

/** @param {string} workspace */
function check(workspace) {
  return new Promise((resolve) => {
    spawn("tsc", ["--noEmit", "--pretty", "-p", workspace], { stdio: "inherit" }).on("exit", (code) =>
      resolve(code ?? 1),
    );
  });
}

let failed = 0;
for (const workspace of workspaces) {
  if (!existsSync(`${workspace}/tsconfig.json`)) continue;
  if ((await check(workspace)) !== 0) failed += 1;
}
process.exit(failed === 0 ? 0 : 1);
