// The Python that tests need: a virtual environment in the checkout with JupyterLab and what builds the wheel.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = ".venv";
const requirements = "tests/requirements.txt";
const stamp = join(folder, "installed.sha256");

/**
 * @param {string} command
 * @param {readonly string[]} args
 */
function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", 2, 2] });
    child.on("error", reject);
    child.on("exit", (code) =>
      code === 0 ? resolve(undefined) : reject(new Error(`${command} ended with ${code}`)),
    );
  });
}

/**
 * Makes the environment unless it is there as `tests/requirements.txt` says. Without a Python it does nothing: the
 * suites that need it say so.
 * @returns {Promise<boolean>} whether the environment is there
 */
export async function preparePython() {
  const wanted = createHash("sha256").update(readFileSync(requirements)).digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return true;
  try {
    console.error("Installing JupyterLab into .venv …");
    await run("python3", ["-m", "venv", folder]);
    await run(join(folder, "bin", "pip"), [
      "install",
      "--quiet",
      "--disable-pip-version-check",
      "-r",
      requirements,
    ]);
    writeFileSync(stamp, wanted);
    return true;
  } catch (error) {
    console.error(`No Python environment: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}
