// Builds what the embedded stack and a deployment run: the dashboard's bundle and the worker's.
// Plain Node 20, nothing but node: modules: it also runs before the project's own Node is chosen.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const outputs = new Set(["node_modules", "dist", "test", ".wrangler"]);

/**
 * @typedef {object} Target
 * @property {string} name
 * @property {readonly string[]} sources files and folders it is made of
 * @property {string} output the folder it is built into
 * @property {(outDir: string) => string[]} command arguments of node
 */

/** In the order they need each other: the worker's bundle is checked against its assets. @type {readonly Target[]} */
const targets = [
  {
    name: "dashboard",
    sources: ["dashboard", "protocol/src", "package-lock.json"],
    output: "dashboard/dist",
    command: (outDir) => [
      "node_modules/vite/bin/vite.js",
      "build",
      "dashboard",
      "--outDir",
      outDir,
      "--logLevel",
      "warn",
    ],
  },
  {
    name: "worker",
    sources: ["worker", "durable-objects", "protocol/src", "wrangler.toml", "package-lock.json"],
    output: ".build/worker",
    command: (outDir) => ["node_modules/wrangler/bin/wrangler.js", "deploy", "--dry-run", "--outdir", outDir],
  },
];

/**
 * The content of files and folders, outputs and tests left out, as one hash.
 * @param {readonly string[]} sources
 */
function digestOf(sources) {
  const hash = createHash("sha256");
  /** @param {string} path @param {boolean} isFolder */
  const add = (path, isFolder) => {
    if (!isFolder) {
      hash.update(`${path}\0`).update(
        createHash("sha256")
          .update(readFileSync(join(root, path)))
          .digest(),
      );
      return;
    }
    const entries = readdirSync(join(root, path), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (!outputs.has(entry.name)) add(`${path}/${entry.name}`, entry.isDirectory());
    }
  };
  for (const source of sources) {
    if (existsSync(join(root, source))) add(source, statSync(join(root, source)).isDirectory());
  }
  return hash.digest("hex");
}

/** @param {Target} target */
function stampOf(target) {
  return join(root, ".build", `${target.name}.sha256`);
}

/**
 * Whether the output is missing or was built from other sources.
 * @param {Target} target
 */
function isStale(target) {
  const stamp = stampOf(target);
  const isBuilt = existsSync(join(root, target.output)) && existsSync(stamp);
  return !isBuilt || readFileSync(stamp, "utf8") !== digestOf(target.sources);
}

/**
 * Builds beside the output and swaps, so that a build that fails or is cut off leaves the last good one.
 * @param {Target} target
 */
async function build(target) {
  const digest = digestOf(target.sources);
  const output = join(root, target.output);
  const fresh = `${output}.new-${process.pid}`;
  const old = `${output}.old-${process.pid}`;
  mkdirSync(join(root, ".build"), { recursive: true });
  try {
    await runNode(target.command(fresh));
    if (existsSync(output)) renameSync(output, old);
    renameSync(fresh, output);
    writeFileSync(stampOf(target), digest);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
    rmSync(old, { recursive: true, force: true });
  }
}

/**
 * Runs the project's Node; what it prints is shown only if it fails.
 * @param {string[]} args
 * @returns {Promise<void>}
 */
function runNode(args) {
  const bin = join(root, "node_modules", ".bin");
  return new Promise((resolve, reject) => {
    const child = spawn("node", args, {
      cwd: root,
      env: {
        ...process.env,
        PATH: `${bin}${delimiter}${process.env["PATH"] ?? ""}`,
        WRANGLER_SEND_METRICS: "false",
        WRANGLER_HIDE_BANNER: "true",
        CI: "true",
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let printed = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => (printed += text));
    }
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0) return resolve();
      reject(new Error(`${args[0]} ended with ${signal ?? code}\n${printed.trim()}`));
    });
  });
}

/**
 * Builds what is missing or old.
 * @param {<T>(what: string, work: () => Promise<T>) => Promise<T>} during is told what is being done, and does it
 */
export async function buildStale(during) {
  for (const target of targets) {
    if (isStale(target)) await during(`Building the ${target.name}`, () => build(target));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // `node scripts/build.mjs [name…]`: builds those named, or all.
  for (const target of targets) {
    if (process.argv.length > 2 && !process.argv.includes(target.name)) continue;
    console.error(`Building the ${target.name}`);
    await build(target);
  }
}
