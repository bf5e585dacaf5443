import { execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { vi } from "vitest";
import { ended, endWithThisProcess, freePort, signal } from "./processes.ts";
import { checkout } from "./stack-process.ts";

const python = join(checkout, ".venv", "bin", "python");
export const jupyterLab = ".venv/bin/jupyter-lab";

export interface JupyterServer extends AsyncDisposable {
  /** The address of a notebook, with the token that lets one in. */
  urlOf(notebook: string): string;
  log(): string;
}

/** Builds the wheel and installs it, as a student's `pip install` does. */
export function installExtension(): void {
  const run = (command: string, args: readonly string[]): void => {
    execFileSync(command, args, { cwd: checkout, stdio: ["ignore", "ignore", "inherit"] });
  };
  run("npm", ["run", "--silent", "wheel", "--workspace", "extension"]);
  const dist = join(checkout, "extension", "dist");
  const [wheel, ...others] = readdirSync(dist).filter((name) => name.endsWith(".whl"));
  if (wheel === undefined || others.length > 0) throw new Error("There should be one wheel.");
  const options = ["--quiet", "--disable-pip-version-check", "--force-reinstall", "--no-deps"];
  run(python, ["-m", "pip", "install", ...options, join(dist, wheel)]);
}

/** Starts a JupyterLab that knows nothing of this machine's user. @param files by their names in its root */
export async function startJupyter(
  folder: string,
  files: Readonly<Record<string, unknown>>,
): Promise<JupyterServer> {
  const root = join(folder, "root");
  mkdirSync(root);
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(root, name), JSON.stringify(content));
  }
  const token = randomUUID();
  const port = await freePort();
  const args = [
    "--no-browser",
    `--ServerApp.root_dir=${root}`,
    "--ServerApp.ip=127.0.0.1",
    `--ServerApp.port=${port}`,
    "--ServerApp.port_retries=0",
    `--IdentityProvider.token=${token}`,
    `--ServerApp.allow_root=${process.getuid?.() === 0 ? "True" : "False"}`,
  ];
  const child = spawn(join(checkout, jupyterLab), args, {
    cwd: root,
    env: { ...process.env, ...ownFolders(folder) },
    stdio: ["ignore", "ignore", "pipe"],
    detached: true,
  });
  const pid = endWithThisProcess(child);
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (log += text));
  const url = `http://127.0.0.1:${port}`;
  const end = async (): Promise<void> => {
    // Its kernels are in its group, too.
    signal(-pid, "SIGKILL");
    await ended(child);
  };
  try {
    await vi.waitFor(
      async () => {
        const answer = await fetch(`${url}/api/status?token=${token}`);
        if (!answer.ok) throw new Error(`JupyterLab does not start:\n${log}`);
      },
      { timeout: 60_000, interval: 100 },
    );
  } catch (error) {
    await end();
    throw error;
  }
  return {
    urlOf: (notebook) => `${url}/lab/tree/${notebook}?token=${token}`,
    log: () => log,
    [Symbol.asyncDispose]: end,
  };
}

function ownFolders(home: string): Record<string, string> {
  const settings = join(home, "settings");
  // Nobody is there to be asked for news, and no network to fetch them from.
  const news = join(settings, "@jupyterlab", "apputils-extension", "notification.jupyterlab-settings");
  mkdirSync(dirname(news), { recursive: true });
  writeFileSync(news, JSON.stringify({ fetchNews: "false", checkForUpdates: false }));
  return {
    HOME: home,
    IPYTHONDIR: join(home, "ipython"),
    JUPYTER_CONFIG_DIR: join(home, "config"),
    JUPYTER_DATA_DIR: join(home, "data"),
    JUPYTER_RUNTIME_DIR: join(home, "runtime"),
    JUPYTERLAB_SETTINGS_DIR: settings,
    JUPYTERLAB_WORKSPACES_DIR: join(home, "workspaces"),
  };
}

/** A notebook of a heading and these code cells. */
export function notebookOf(title: string, code: readonly string[]) {
  const heading = { id: "heading", cell_type: "markdown", metadata: {}, source: `# ${title}` };
  const cells = code.map((source, index) => ({
    id: `code-${index + 1}`,
    cell_type: "code",
    metadata: {},
    execution_count: null,
    outputs: [],
    source,
  }));
  const kernelspec = { name: "python3", display_name: "Python 3", language: "python" };
  return { cells: [heading, ...cells], metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 };
}
