import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { run } from "./cli.ts";

let folder: string;
let worker: Server;
let env: Record<string, string>;
let config: string;

/** What stands for Cloudflare was told. */
const calls = () =>
  readFileSync(join(folder, "calls"), "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line): { args: string[]; input: string } => JSON.parse(line));

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "cell-monitor-deploy-"));
  worker = createServer((_, response) =>
    response.setHeader("content-type", "application/json").end('{"status":"healthy"}'),
  );
  await new Promise<void>((done) => worker.listen(0, "127.0.0.1", done));
  const { port } = worker.address() as AddressInfo;
  config = join(folder, "wrangler.toml");
  writeFileSync(config, `name = "monitor"\n[env.live.vars]\nPUBLIC_ORIGIN = "http://127.0.0.1:${port}"\n`);
  mkdirSync(join(folder, "bin"));
  symlinkSync(resolve(import.meta.dirname, "fake-wrangler.mjs"), join(folder, "bin", "wrangler"));
  env = {
    PATH: `${join(folder, "bin")}${delimiter}${process.env["PATH"]}`,
    FAKE_WRANGLER: join(folder, "calls"),
    XDG_CONFIG_HOME: join(folder, "config"),
    CELL_MONITOR_DATABASE_URL: "postgresql://app@db.example.org/app",
  };
});
afterEach(() => {
  worker.close();
  rmSync(folder, { recursive: true, force: true });
});

const deploy = (...args: string[]) =>
  run(["deploy", "--config", config, "--env", "live", "--json", ...args], { env });

describe("deploy", () => {
  it("uploads, sets the secrets that are missing without showing them, and waits until it is ready", async () => {
    const ran = await deploy("--yes");
    expect(ran).toMatchObject({ code: 0 });
    const secrets = ["TOKEN_KEYS", "ADMIN_KEY", "PSEUDONYM_KEY", "DATABASE_URL"];
    expect(ran.json()).toMatchObject({ ready: true, secrets, migrated: null });
    const put = calls().filter(({ args }) => args[1] === "put");
    expect(put.map(({ args }) => args[2])).toEqual(secrets);
    for (const { args, input } of put) {
      expect(args.slice(-2)).toEqual(["--env", "live"]);
      expect(input.length).toBeGreaterThan(30);
      expect(ran.stdout + ran.stderr).not.toContain(input);
    }
    expect(put[0]?.input).toMatch(/^k1:[\w-]{43}$/);
    const kept = join(folder, "config", "cell-monitor", "monitor-live.admin-key");
    expect(readFileSync(kept, "utf8").trim()).toBe(put[1]?.input);
    expect(statSync(kept).mode & 0o077).toBe(0);
  });

  it("again sets nothing that is there", async () => {
    await deploy("--yes");
    const before = calls().length;
    expect((await deploy("--yes")).json()).toMatchObject({ secrets: [] });
    expect(
      calls()
        .slice(before)
        .some(({ args }) => args[1] === "put"),
    ).toBe(false);
  });

  it("replaces no secret where Cloudflare does not say which are there", async () => {
    await deploy("--yes");
    const before = calls().length;
    env["FAKE_WRANGLER_SILENT"] = "yes";
    const ran = await deploy("--yes");
    expect(
      calls()
        .slice(before)
        .some(({ args }) => args[1] === "put"),
    ).toBe(false);
    expect(ran.json()).toMatchObject({ error: { code: "secrets_unknown" } });
    expect(ran.code).not.toBe(0);
  });

  it("asks first, and without a terminal does nothing unasked", async () => {
    expect(await deploy()).toMatchObject({ code: 2 });
    expect(calls().map(({ args }) => args[0])).toEqual(["whoami"]);
  });

  it("tried out uploads nothing and sets nothing", async () => {
    const ran = await deploy("--dry-run");
    expect(ran.json()).toMatchObject({ dryRun: true, secrets: [], ready: null });
    expect(calls()).toMatchObject([
      { args: ["deploy", "--dry-run", "--outdir", expect.any(String), ...Array(4).fill(expect.any(String))] },
    ]);
  });
});

describe("a deployment", () => {
  it("that was made from here is administered with the key it was made with", async () => {
    await deploy("--yes");
    const ran = await run(["class", "list", "--config", config, "--env", "live", "--json"], { env });
    // What answers here is no Cell Monitor, and is told apart from one that refuses the key.
    expect(ran.json()).toMatchObject({ error: { code: "unexpected_answer" } });
  });
});
