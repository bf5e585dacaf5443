// Runs before `npm start` and `npm test`: installs what the lock file names and builds what changed, so that both
// work in an empty checkout. Plain Node 20 and node: modules only, since it runs before anything is installed;
// writes to stderr only, since stdout belongs to the command behind it.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildStale } from "./build.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const lockFile = join(root, "package-lock.json");
// Inside node_modules, so that it goes when they go.
const stampFile = join(root, "node_modules", ".installed-lock.sha256");
const oldestNode = 20;

const lockHash = () =>
  existsSync(lockFile) ? createHash("sha256").update(readFileSync(lockFile)).digest("hex") : undefined;

/** Whether the last install that succeeded here, ours or somebody's by hand, was of this lock file. */
function isInstalled() {
  const isStamped = existsSync(stampFile) && readFileSync(stampFile, "utf8") === lockHash();
  return isStamped || isInstalledByHand();
}

/** npm's own record of what is in node_modules, written when an install succeeds, against the lock file. */
function isInstalledByHand() {
  const recordFile = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(recordFile) || !existsSync(lockFile)) return false;
  const { packages: wanted } = JSON.parse(readFileSync(lockFile, "utf8"));
  const { packages: present } = JSON.parse(readFileSync(recordFile, "utf8"));
  return Object.entries(wanted).every(
    ([path, item]) =>
      !path.includes("node_modules/") ||
      item.optional === true ||
      item.devOptional === true ||
      present[path]?.version === item.version,
  );
}

/**
 * Installs exactly what the lock file says. A lock file that was made where the packages for some platforms could
 * not be had doesn't list them, and `npm ci` refuses it; `npm install` takes it, and is kept from changing it.
 */
async function install() {
  const exact = existsSync(lockFile) ? await npm("ci", "quiet") : undefined;
  if (exact?.code === 0) return;
  const { code } = await npm("install", "shown");
  if (code === 0) return;
  process.stderr.write(exact?.printed ?? "");
  throw new Error(`npm could not install the packages (exit ${code}).`);
}

/**
 * @param {"ci" | "install"} command
 * @param {"quiet" | "shown"} output
 * @returns {Promise<{ code: number | null, printed: string }>}
 */
function npm(command, output) {
  // The npm that runs this script, not another that may be first on the path.
  const path = process.env["npm_execpath"];
  const [program, first] = path?.endsWith(".js") ? [process.execPath, [path]] : ["npm", []];
  const flags = ["--no-save", "--no-audit", "--no-fund", "--loglevel=error"];
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...first, command, ...flags], {
      cwd: root,
      stdio: ["ignore", output === "shown" ? 2 : "pipe", output === "shown" ? 2 : "pipe"],
    });
    let printed = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text) => (printed += text));
    }
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, printed }));
  });
}

/**
 * Says what is being done: on a terminal with the seconds it takes, elsewhere in one line.
 * @template T
 * @param {string} what
 * @param {() => Promise<T>} work
 */
async function during(what, work) {
  if (!process.stderr.isTTY) {
    process.stderr.write(`${what} …\n`);
    return work();
  }
  const startedMs = Date.now();
  const show = () => process.stderr.write(`\r${what} … ${Math.round((Date.now() - startedMs) / 1000)} s`);
  show();
  const timer = setInterval(show, 1000);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    process.stderr.write("\n");
  }
}

async function prepare() {
  if (Number.parseInt(process.versions.node, 10) < oldestNode) {
    throw new Error(`Node ${oldestNode} or newer is needed; this is ${process.versions.node}.`);
  }
  if (!isInstalled()) await during("Installing packages (a minute or two the first time)", install);
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, lockHash() ?? "");
  await buildStale(during);
}

try {
  await prepare();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
