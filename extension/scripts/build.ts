// Builds the JupyterLab extension and, with --wheel, the Python package that carries it.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import packageData from "../package.json" with { type: "json" };

const folder = dirname(dirname(fileURLToPath(import.meta.url)));
const { version } = packageData;
const require = createRequire(import.meta.url);

/** JupyterLab's builder takes JavaScript; the sources and the workspaces they import are TypeScript. */
async function bundle(): Promise<void> {
  await build({
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
}

/** Packs the bundle as a federated module, with the schema and styles, into the Python package's folder. */
function labextension(): void {
  const builder = require.resolve("@jupyter/builder/package.json");
  const core = require.resolve("@jupyterlab/core-meta/core.package.json");
  const args = ["lib/build-labextension.js", "--core-package-file", core, folder];
  const stdio = ["ignore", "ignore", "inherit"] as const;
  execFileSync(process.execPath, args, { cwd: dirname(builder), stdio: [...stdio] });
}

/** Bytes a student's browser loads: scripts and styles, gzipped. */
function gzippedBytes(): number {
  const output = join(folder, "cell_monitor", "labextension", "static");
  const scripts = readdirSync(output).filter((name) => name.endsWith(".js"));
  return scripts.reduce((sum, name) => sum + gzipSync(readFileSync(join(output, name))).length, 0);
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
  const built = spawnSync(command, ["-m", "pip", "wheel", ...options, ...isolation, "."], {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (built.status === 0) return;
  process.stderr.write(`The wheel takes Python 3.9 or newer with pip; ${command} could not build it.\n`);
  process.exitCode = 1;
}

await bundle();
labextension();
process.stderr.write(`The extension takes ${(gzippedBytes() / 1024).toFixed(1)} KiB gzipped.\n`);
if (process.argv.includes("--wheel")) wheel();
