import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

import { temporaryFolder } from "./temporary.ts";

const scripts = fileURLToPath(new URL("../../scripts", import.meta.url));

/** In the place of npm: says what it was asked for, and installs builders that copy a source into their output. */
const npm = `
const { appendFileSync, mkdirSync, writeFileSync, rmSync, existsSync } = require("node:fs");
const { dirname } = require("node:path");
appendFileSync("npm.log", process.argv[2] + "\\n");
if (existsSync("fail") || (process.argv[2] === "ci" && existsSync("fail-ci"))) process.exit(1);
console.log("npm speaks");
rmSync("node_modules", { recursive: true, force: true });
const builder = (flag, source) => \`
const { appendFileSync, cpSync } = require("node:fs");
appendFileSync("build.log", "\${source}\\\\n");
cpSync("\${source}", process.argv[process.argv.indexOf("\${flag}") + 1], { recursive: true });\`;
for (const [file, flag, source] of [
  ["node_modules/vite/bin/vite.js", "--outDir", "dashboard/src"],
  ["node_modules/wrangler/bin/wrangler.js", "--outdir", "worker/src"],
]) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, builder(flag, source));
}
`;

class Checkout {
  readonly root = temporaryFolder();

  constructor() {
    for (const script of ["prepare.mjs", "build.mjs"]) {
      cpSync(join(scripts, script), join(this.root, "scripts", script));
    }
    this.write("npm.js", npm);
    this.write("package.json", '{"type":"commonjs"}');
    this.write("package-lock.json", '{"packages":{"":{"version":"1"}}}');
    this.write("dashboard/src/index.js", "dashboard 1");
    this.write("worker/src/index.js", "worker 1");
    this.write("worker/test/index.test.js", "test 1");
    this.write("durable-objects/src/index.js", "objects 1");
  }

  write(path: string, content: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), content);
  }

  read(path: string): string {
    return existsSync(join(this.root, path)) ? readFileSync(join(this.root, path), "utf8") : "";
  }

  async prepare(): Promise<{
    code: unknown;
    stdout: string;
    stderr: string;
    installs: string;
    builds: string;
  }> {
    this.write("npm.log", "");
    this.write("build.log", "");
    const child = spawn(process.execPath, [join(this.root, "scripts/prepare.mjs")], {
      cwd: this.root,
      env: { ...process.env, npm_execpath: join(this.root, "npm.js") },
    });
    const printed = { stdout: "", stderr: "" };
    child.stdout.on("data", (text: Buffer) => (printed.stdout += text.toString()));
    child.stderr.on("data", (text: Buffer) => (printed.stderr += text.toString()));
    const [code] = await once(child, "close");
    return { code, ...printed, installs: this.read("npm.log"), builds: this.read("build.log") };
  }
}

describe("preparing a checkout", () => {
  it("installs and builds an empty one, and says so on stderr alone", async () => {
    const checkout = new Checkout();
    const done = await checkout.prepare();
    expect(done).toMatchObject({
      code: 0,
      stdout: "",
      installs: "ci\n",
      builds: "dashboard/src\nworker/src\n",
    });
    expect(checkout.read("dashboard/dist/index.js")).toBe("dashboard 1");
    expect(checkout.read(".build/worker/index.js")).toBe("worker 1");
  });

  it("does nothing, and says nothing, when nothing changed", async () => {
    const checkout = new Checkout();
    await checkout.prepare();
    expect(await checkout.prepare()).toEqual({ code: 0, stdout: "", stderr: "", installs: "", builds: "" });
  });

  it("installs again when the lock file changed", async () => {
    const checkout = new Checkout();
    await checkout.prepare();
    checkout.write("package-lock.json", '{"packages":{"node_modules/a":{"version":"1"}}}');
    expect(await checkout.prepare()).toMatchObject({ code: 0, installs: "ci\n" });
  });

  it("takes an install that somebody made by hand from the same lock file", async () => {
    const checkout = new Checkout();
    await checkout.prepare();
    const packages = '{"packages":{"node_modules/a":{"version":"2"}}}';
    checkout.write("package-lock.json", packages);
    checkout.write("node_modules/.package-lock.json", packages);
    expect(await checkout.prepare()).toMatchObject({ code: 0, installs: "" });
    checkout.write("package-lock.json", packages.replace("2", "3"));
    expect(await checkout.prepare()).toMatchObject({ code: 0, installs: "ci\n" });
  });

  it("installs from a lock file that npm ci refuses, and says on stderr what npm says", async () => {
    const checkout = new Checkout();
    checkout.write("fail-ci", "");
    const done = await checkout.prepare();
    expect(done).toMatchObject({ code: 0, stdout: "", installs: "ci\ninstall\n" });
    expect(done.stderr).toContain("npm speaks");
    expect(await checkout.prepare()).toMatchObject({ code: 0, installs: "" });
  });

  it("tries again after an install that failed", async () => {
    const checkout = new Checkout();
    checkout.write("fail", "");
    const failed = await checkout.prepare();
    expect(failed).toMatchObject({ code: 1, stdout: "", installs: "ci\ninstall\n", builds: "" });
    expect(failed.stderr).toContain("could not install");
    expect(await checkout.prepare()).toMatchObject({ code: 1, installs: "ci\ninstall\n" });
  });

  it("installs without a lock file, too", async () => {
    const checkout = new Checkout();
    rmSync(join(checkout.root, "package-lock.json"));
    expect(await checkout.prepare()).toMatchObject({ code: 0, installs: "install\n" });
  });

  it("builds only what a changed source is part of", async () => {
    const checkout = new Checkout();
    await checkout.prepare();
    checkout.write("durable-objects/src/index.js", "objects 2");
    expect(await checkout.prepare()).toMatchObject({ code: 0, builds: "worker/src\n" });
    checkout.write("dashboard/src/new.js", "");
    expect(await checkout.prepare()).toMatchObject({ code: 0, builds: "dashboard/src\n" });
    checkout.write("worker/test/index.test.js", "test 2");
    expect(await checkout.prepare()).toMatchObject({ code: 0, builds: "" });
  });

  it("keeps the last good build when one fails, and builds again next time", async () => {
    const checkout = new Checkout();
    await checkout.prepare();
    const builder = "node_modules/wrangler/bin/wrangler.js";
    const good = checkout.read(builder);
    checkout.write(builder, 'console.log("no such thing"); process.exit(3);');
    checkout.write("worker/src/index.js", "worker 2");
    const failed = await checkout.prepare();
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain("no such thing");
    expect(checkout.read(".build/worker/index.js")).toBe("worker 1");
    checkout.write(builder, good);
    expect(await checkout.prepare()).toMatchObject({ code: 0, builds: "worker/src\n" });
    expect(checkout.read(".build/worker/index.js")).toBe("worker 2");
  });
});
