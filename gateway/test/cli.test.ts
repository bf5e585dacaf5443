import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";

import { neon } from "@neondatabase/serverless";
import * as v from "valibot";
import { describe, expect, it, onTestFinished } from "vitest";

import { folderForTest, PASSWORD, TOKEN } from "./gateways.ts";

const CLI = join(import.meta.dirname, "../src/cli.ts");
const SECRETS = { GATEWAY_PASSWORD: PASSWORD, GATEWAY_TOKEN: TOKEN };
const Ready = v.object({ url: v.string(), sqlUrl: v.string() });

describe("the gateway's command", () => {
  it("explains itself with --help", async () => {
    expect(await run(["--help"], {})).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("GATEWAY_PASSWORD"),
    });
  });

  it.each([
    ["no secrets", [], {}, "GATEWAY_PASSWORD must be set"],
    [
      "a short secret",
      [],
      { ...SECRETS, GATEWAY_TOKEN: "hunter2" },
      "GATEWAY_TOKEN must be set, to at least 16 characters",
    ],
    ["an address that is none", [], { ...SECRETS, INFLUX_URL: "hunter2" }, "INFLUX_URL is not a URL"],
    ["a port that is none", ["--port", "http"], SECRETS, "--port http is not a port"],
    ["an unknown option", ["--frobnicate"], SECRETS, "--frobnicate"],
  ])(
    "ends with 2 and the reason on %s, without repeating a value",
    async (_what, args, environment, reason) => {
      const { code, stderr } = await run(args, environment);

      expect(code).toBe(2);
      expect(stderr).toContain(reason);
      expect(stderr).not.toContain("hunter2");
    },
  );

  it("serves until it is told to end, and ends cleanly", async () => {
    const dataDir = await folderForTest();
    const child = spawn(process.execPath, [CLI, "--port", "0", "--data", dataDir], {
      env: { ...SECRETS },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const exited = once(child, "exit");
    onTestFinished(() => void child.kill("SIGKILL"));
    for await (const line of createInterface({ input: child.stdout })) {
      const { url } = v.parse(Ready, JSON.parse(line));
      const { host } = new URL(url);
      const sql = neon(`postgresql://cell_monitor:${encodeURIComponent(PASSWORD)}@${host}/postgres`);
      expect(await sql`SELECT 1 AS x`).toEqual([{ x: 1 }]);
      child.kill("SIGTERM");
    }

    expect(await exited).toEqual([0, null]);
  });
});

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [CLI, ...args], { env }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode, stdout, stderr });
    });
  });
}
