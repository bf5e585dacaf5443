// Builds the JupyterLab extension and, with --wheel, the Python package that carries it.
import { execFileSync } from "node:child_process";
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
    // Not the identifiers: JupyterLab's builder mangles them, and keeps the licences of what is bundled.
    minifySyntax: true,
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

/** Needs hatchling in the Python it finds: $PYTHON, else .venv at the root, else python3. */
function wheel(): void {
  rmSync(join(folder, "dist"), { recursive: true, force: true });
  execFileSync(python(), ["-m", "hatchling", "build", "-t", "wheel", "-d", "dist"], {
    cwd: folder,
    stdio: "inherit",
  });
}

await bundle();
labextension();
process.stderr.write(`The extension takes ${(gzippedBytes() / 1024).toFixed(1)} KiB gzipped.\n`);
if (process.argv.includes("--wheel")) wheel();
