// Runs every suite and closes with one line that sums up all runners.
// `npm test -- --short` leaves faults and the end-to-end proof out; further words go to Vitest as filters.
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { preparePython } from "./python.mjs";

const results = resolve(".build", "test-results");
const inCi = process.env["CI"] === "true";
const given = process.argv.slice(2);
const isShort = given.includes("--short");
const filters = given.filter((word) => word !== "--short");

/** @typedef {{ passed: number, failed: number, skipped: number }} Sum */

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {Promise<number>}
 */
function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: "inherit" });
    child.on("error", () => resolve(127));
    child.on("exit", (code) => resolve(code ?? 1));
  });
}

/**
 * @param {string} name
 * @param {readonly string[]} args
 * @returns {Promise<Sum>}
 */
async function vitest(name, args) {
  const file = join(results, `${name}.json`);
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const code = await run("vitest", ["run", ...reporters, ...args, ...filters]);
  return sumOf(file, code);
}

/**
 * A runner that failed without a failed test (a file that doesn't load, say) counts as one failure.
 * @param {string} file
 * @param {number} code
 * @returns {Sum}
 */
function sumOf(file, code) {
  try {
    const report = JSON.parse(readFileSync(file, "utf8"));
    const failed = Number(report.numFailedTests);
    const skipped = Number(report.numPendingTests) + Number(report.numTodoTests ?? 0);
    return {
      passed: Number(report.numPassedTests),
      failed: code !== 0 && failed === 0 ? 1 : failed,
      skipped,
    };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });

/** @type {Sum[]} */
const sums = [];
await preparePython();
sums.push(await vitest("unit", []));
if (!isShort) sums.push(await vitest("faults", ["--config", "tests/faults/vitest.config.ts"]));
if (!isShort) sums.push(await vitest("end-to-end", ["--config", "tests/vitest.config.ts"]));

/** @param {keyof Sum} key */
const total = (key) => sums.reduce((sum, each) => sum + each[key], 0);
const [passed, failed, skipped] = [total("passed"), total("failed"), total("skipped")];
if (inCi && skipped > 0) console.error(`With CI=true nothing may be skipped, and ${skipped} tests were.`);
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exit(failed > 0 || (inCi && skipped > 0) || passed === 0 ? 1 : 0);
