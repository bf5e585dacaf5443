import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import * as v from "valibot";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const host = "127.0.0.1";

/** What is run: a class object by this name in a module, and what the module is given. */
export interface Program {
  /** Name of a module to its text; the first is the entry. */
  readonly modules: Readonly<Record<string, string>>;
  readonly className: string;
  readonly namespace: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** The worker as it is deployed; with `probe`, inside what counts for a benchmark. */
export function builtWorker(variables: Readonly<Record<string, string>>, probe: boolean): Program {
  const bundle = join(root, ".build", "worker", "index.js");
  if (!existsSync(bundle)) throw new Error("The worker isn't built: run `npm run build` first.");
  const built = readFileSync(bundle, "utf8");
  const modules = probe ? { "entry.js": probeText(), "built-worker": built } : { "index.js": built };
  return { modules, className: "Classroom", namespace: "CLASSROOM", variables };
}

function probeText(): string {
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(new URL("../probe/entry.ts", import.meta.url))],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    external: ["built-worker", "cloudflare:*"],
  });
  return outputFiles[0]?.text ?? "";
}

/** A running `workerd serve`, reached without anything in between. It ends with this process at the latest. */
export class Workerd implements AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #end = (): void => void this.#child.kill("SIGKILL");

  private constructor(child: ChildProcess, pid: number, url: string) {
    this.#child = child;
    this.pid = pid;
    this.url = url;
    process.once("exit", this.#end);
  }

  /** @param folder for what it needs on disk, and for its objects */
  static async start(folder: string, port: number, program: Program): Promise<Workerd> {
    mkdirSync(join(folder, "objects"), { recursive: true });
    for (const [name, text] of Object.entries(program.modules)) writeFileSync(join(folder, name), text);
    writeFileSync(join(folder, "config.capnp"), configOf(folder, port, program));
    const child = spawn(binary(), ["serve", join(folder, "config.capnp"), "--control-fd=3"], {
      stdio: ["ignore", "ignore", "pipe", "pipe"],
    });
    const { pid } = child;
    if (pid === undefined) throw new Error("workerd could not be started.");
    const workerd = new Workerd(child, pid, `http://${host}:${port}`);
    let log = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (log = (log + text).slice(-5_000)));
    const control = child.stdio[3];
    if (!control) throw new Error("There is no pipe.");
    await Promise.race([once(control, "data"), once(child, "exit")]);
    if (child.exitCode !== null) throw new Error(`workerd ended with ${child.exitCode}:\n${log}`);
    return workerd;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off("exit", this.#end);
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, "exit");
    this.#end();
    await exit;
  }
}

function configOf(folder: string, port: number, program: Program): string {
  const { modules, className, namespace, variables } = program;
  const wrangler = readFileSync(join(root, "wrangler.toml"), "utf8");
  const date = /^compatibility_date = "([\d-]+)"$/m.exec(wrangler)?.[1] ?? "";
  const quoted = JSON.stringify;
  const texts = Object.entries(variables).map(
    ([name, text]) => `(name = ${quoted(name)}, text = ${quoted(text)}),`,
  );
  const embedded = Object.keys(modules).map(
    (name) => `(name = ${quoted(name)}, esModule = embed ${quoted(name)}),`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "internet", network = (allow = ["local"])),
    (name = "objects", disk = (path = ${quoted(join(folder, "objects"))}, writable = true)),
  ],
  sockets = [(name = "http", address = "${host}:${port}", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [${embedded.join(" ")}],
  compatibilityDate = "${date}",
  bindings = [(name = "${namespace}", durableObjectNamespace = "${className}"), ${texts.join(" ")}],
  durableObjectNamespaces = [(className = "${className}", uniqueKey = "cell-monitor-${className}", enableSql = true)],
  durableObjectStorage = (localDisk = "objects"),
);
`;
}

const fromHere = createRequire(import.meta.url);
const runtimeSchema = v.object({ default: v.string() });

/** Of the workerd that the worker is developed with. */
function binary(): string {
  return v.parse(runtimeSchema, createRequire(fromHere.resolve("wrangler"))("workerd")).default;
}
