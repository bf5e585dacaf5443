import { spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { createProgram } from "../src/program.ts";
import { findLocalStack } from "../src/target/local-stack.ts";
import { resolveTarget } from "../src/target/target.ts";
import { main, run } from "./cli.ts";

function paths(command: Command, above: readonly string[] = []): string[][] {
  return command.commands.flatMap((child) => {
    const path = [...above, child.name()];
    return [path, ...paths(child, path)];
  });
}

describe("help", () => {
  it("is there on every level, with what holds for all", async () => {
    const all = paths(createProgram());
    expect(all.length).toBeGreaterThan(25);
    for (const path of all) {
      const command = path.reduce<Command | undefined>(
        (known, name) => known?.commands.find((child) => child.name() === name),
        createProgram(),
      );
      expect({ path, help: command?.helpInformation() }).toMatchObject({
        help: expect.stringContaining("--json"),
      });
      expect({ path, description: command?.description() }).not.toMatchObject({ description: "" });
    }
  });

  it("is printed, and ends well", async () => {
    const { code, stdout } = await run(["key", "rotate", "--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain("--grace-hours");
  });
});

describe("results", () => {
  it("that nobody reads to their end are no failure", async () => {
    const child = spawn(process.execPath, [main, "--help"], { stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.destroy();
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (more: string) => (stderr += more));
    const code = await new Promise((done) => child.on("close", done));
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });
});

describe("a wrong call", () => {
  it.each([
    [["nothing"], "unknown command"],
    [["class", "create", "--name", "x"], "--code"],
    [["class", "show"], "missing required argument"],
    [["class", "list", "--colour"], "unknown option"],
    [["key", "issue", "x", "--scope", "everything"], "Allowed choices"],
    [["key", "issue", "x", "--lifetime-days", "long"], "whole number"],
  ])("%j says what is wrong with it on stderr", async (args, said) => {
    expect(await run(args)).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(said) });
  });
});

describe("the target", () => {
  const folder = mkdtempSync(join(tmpdir(), "cell-monitor-target-"));
  const config = join(folder, "wrangler.toml");
  writeFileSync(
    config,
    `name = "monitor"
[vars]
PUBLIC_ORIGIN = "https://monitor.example.org/"
[env.staging]
routes = [{ pattern = "staging.example.org", custom_domain = true }]
[env.nowhere]
`,
  );
  const options = { config, data: join(folder, "none") };

  it("is an environment of wrangler's configuration, by its origin or its domain", () => {
    expect(resolveTarget(options, {})).toMatchObject({
      url: "https://monitor.example.org",
      kind: "deployment",
    });
    const staging = resolveTarget({ ...options, env: "staging" }, {});
    expect(staging.url).toBe("https://staging.example.org");
  });

  it("that the configuration does not say is asked for, with how to say it", () => {
    expect(() => resolveTarget({ ...options, env: "nowhere" }, {})).toThrow("[env.nowhere.vars]");
    expect(() => resolveTarget({ ...options, env: "other" }, {})).toThrow("it has: staging, nowhere");
    expect(() => resolveTarget({ config: join(folder, "no.toml"), data: options.data }, {})).toThrow(
      "npm start",
    );
  });

  it("takes its key from the environment or a file, before any that is kept", () => {
    const file = join(folder, "key");
    writeFileSync(file, "from-a-file\n");
    expect(resolveTarget(options, { CELL_MONITOR_ADMIN_KEY: "k" }).adminKey).toBe("k");
    expect(resolveTarget(options, { CELL_MONITOR_ADMIN_KEY_FILE: file }).adminKey).toBe("from-a-file");
    expect(() => resolveTarget(options, { CELL_MONITOR_ADMIN_KEY_FILE: `${file}.none` })).toThrow(
      "isn't there",
    );
  });

  it("is no address that is none", () => {
    expect(() => resolveTarget({ ...options, url: "monitor.example.org" }, {})).toThrow("no address");
  });

  it("is no stack that has ended", () => {
    expect(findLocalStack(folder)).toBeUndefined();
  });
});
