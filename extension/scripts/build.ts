// Builds the JupyterLab extension and, with --wheel, the Python package that carries it.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import * as v from "valibot";
import packageData from "../package.json" with { type: "json" };

const folder = dirname(dirname(fileURLToPath(import.meta.url)));
const { version } = packageData;
const require = createRequire(import.meta.url);
const manifestSchema = v.object({ name: v.string(), version: v.string(), license: v.string() });
const built = join(folder, "cell_monitor", "labextension", "static");

/**
 * JupyterLab's builder takes JavaScript; the sources and the workspaces they import are TypeScript.
 * @returns the folders of others' packages that went into the bundle
 */
async function bundle(): Promise<readonly string[]> {
  const { metafile } = await build({
    absWorkingDir: folder,
    entryPoints: ["src/index.ts"],
    outfile: "lib/index.js",
    bundle: true,
    format: "esm",
    target: "es2022",
    external: ["@jupyterlab/*", "@lumino/*"],
    // JupyterLab's builder minifies again; what comes to it with the names of private fields short ends up smaller.
    minify: true,
    charset: "utf8",
    define: { EXTENSION_VERSION: JSON.stringify(version) },
    logLevel: "warning",
    metafile: true,
    plugins: [
      {
        // Our workspaces declare constants and functions only: what isn't used can go, whole files included.
        name: "pure-workspaces",
        setup(build) {
          build.onResolve(
            { filter: /^@cell-monitor\/|^\.{1,2}\/.*\.ts$/ },
            async ({ path, pluginData, ...options }) => {
              if (pluginData === "resolving") return undefined;
              const found = await build.resolve(path, { ...options, pluginData: "resolving" });
              return { ...found, sideEffects: false };
            },
          );
        },
      },
    ],
  });
  const packages = Object.keys(metafile.inputs).flatMap(
    (path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? [],
  );
  return [...new Set(packages)].map((path) => join(folder, path));
}

/** Packs the bundle as a federated module, with the schema and styles, into the Python package's folder. */
function labextension(): void {
  const builder = require.resolve("@jupyter/builder/package.json");
  const core = require.resolve("@jupyterlab/core-meta/core.package.json");
  const args = ["lib/build-labextension.js", "--core-package-file", core, folder];
  const stdio = ["ignore", "ignore", "inherit"] as const;
  execFileSync(process.execPath, args, { cwd: dirname(builder), stdio: [...stdio] });
}

/** Names what was bundled where JupyterLab looks for licences: its builder sees one file of ours. */
function licences(packages: readonly string[]): void {
  const entries = packages.map((path) => {
    const manifest: unknown = JSON.parse(readFileSync(join(path, "package.json"), "utf8"));
    const { name, version: versionInfo, license: licenseId } = v.parse(manifestSchema, manifest);
    const text = readdirSync(path).find((file) => /^licen[cs]e/i.test(file));
    if (text === undefined) throw new Error(`${name} comes without the text of its licence.`);
    return { name, versionInfo, licenseId, extractedText: readFileSync(join(path, text), "utf8") };
  });
  writeFileSync(join(built, "third-party-licenses.json"), JSON.stringify({ packages: entries }, null, 2));
}

/** Gzipped bytes of scripts a student's browser loads, by whether their name fits. */
function gzippedBytes(name: RegExp): number {
  const scripts = readdirSync(built).filter((script) => name.test(script));
  return scripts.reduce((sum, script) => sum + gzipSync(readFileSync(join(built, script))).length, 0);
}

function python(): string {
  const own = join(folder, "..", ".venv", "bin", "python");
  return process.env["PYTHON"] ?? (existsSync(own) ? own : "python3");
}

/**
 * Needs a Python with pip: $PYTHON, else .venv at the root, else python3. What the package is built with is fetched for
 * the occasion, unless it is there.
 */
function wheel(): void {
  const command = python();
  rmSync(join(folder, "dist"), { recursive: true, force: true });
  const { status } = spawnSync(command, ["-c", "import hatchling"], { stdio: "ignore" });
  const isolation = status === 0 ? ["--no-build-isolation"] : [];
  const options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--wheel-dir", "dist"];
  const packed = spawnSync(command, ["-m", "pip", "wheel", ...options, ...isolation, "."], {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (packed.status === 0) return;
  process.stderr.write(`The wheel takes Python 3.9 or newer with pip; ${command} could not build it.\n`);
  process.exitCode = 1;
}

const packages = await bundle();
labextension();
licences(packages);
const ownBytes = gzippedBytes(/^\d.*\.js$/);
const loaderBytes = gzippedBytes(/^remoteEntry\..*\.js$/);
process.stderr.write(`The extension takes ${ownBytes} bytes gzipped, its module loader ${loaderBytes}.\n`);
if (process.argv.includes("--wheel")) wheel();
