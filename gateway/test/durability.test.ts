import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { fileURLToPath } from "node:url";

import { InfluxDB, setLogger } from "@influxdata/influxdb-client";
import { neon } from "@neondatabase/serverless";
import * as v from "valibot";
import { describe, expect, it, onTestFinished } from "vitest";

import { folderForTest, gatewayForTest, openGateway, TOKEN } from "./gateways.ts";

// The client prints what it also throws.
setLogger({ error: () => {}, warn: () => {} });

const PROCESS = fileURLToPath(new URL("fixtures/gateway-process.ts", import.meta.url));
const Addresses = v.object({ databaseUrl: v.string(), influxUrl: v.string() });

describe("the data folder", () => {
  it("keeps rows and points when the gateway is closed and started again", async () => {
    const dataDir = await folderForTest();
    const first = await openGateway({ dataDir });
    await neon(first.databaseUrl)`CREATE TABLE kept AS SELECT 1 AS x`;
    await writeLine(first.influxUrl, "m f=1 1");
    await first.close();

    const second = await gatewayForTest({ dataDir });

    expect(await second.query("SELECT x FROM kept")).toEqual([{ x: "1" }]);
    expect(second.points()).toHaveLength(1);
  });

  it("keeps every write that was answered when the process is killed, and opens again", async () => {
    const dataDir = await folderForTest();
    await neonTableIn(dataDir);
    let answered = 0;
    for (const round of [0, 1, 2]) {
      const child = await startProcess(dataDir);
      const sql = neon(child.databaseUrl);
      // Still writing when the kill comes: what was answered is what counts, and a row may be there beyond it.
      const writing = (async () => {
        for (;;) {
          const next = answered + 1;
          const insert = sql`INSERT INTO acked VALUES (${next}) ON CONFLICT DO NOTHING`;
          await sql.transaction([insert, sql`SELECT 1`]);
          await writeLine(child.influxUrl, `acked n=${next}i ${next}`);
          answered = next;
        }
      })();
      const interruption = writing.catch((error: unknown) => error);
      const until = answered + 20 + round * 7;
      await expect.poll(() => answered, { timeout: 20_000 }).toBeGreaterThan(until);
      await child.kill();
      expect(await interruption).toBeInstanceOf(Error);
    }

    const gateway = await gatewayForTest({ dataDir });

    const rows = await gateway.query("SELECT n FROM acked WHERE n <= $1 ORDER BY n", [answered]);
    expect(rows.map(({ n }) => Number(n))).toEqual(Array.from({ length: answered }, (_, i) => i + 1));
    const points = new Set(gateway.points().map(({ fields }) => fields["n"]));
    expect(Array.from({ length: answered }, (_, i) => i + 1).filter((n) => !points.has(n))).toEqual([]);
  });

  it("is made anew when the first start was killed before the database was whole", async () => {
    const dataDir = await folderForTest();
    const unfinished = join(dataDir, "postgres.unfinished");
    await mkdir(unfinished, { recursive: true });
    await writeFile(join(unfinished, "PG_VERSION"), "18\n");

    const gateway = await gatewayForTest({ dataDir });

    expect(await gateway.query("SELECT 1 AS x")).toEqual([{ x: "1" }]);
    expect(await readdir(dataDir)).not.toContain("postgres.unfinished");
  });

  it("drops a point that a crash cut short, and keeps those around it", async () => {
    const dataDir = await folderForTest();
    const first = await openGateway({ dataDir });
    await writeLine(first.influxUrl, "m f=1 1");
    await first.close();
    await appendFile(join(dataDir, "influx", "points.jsonl"), '{"bucket":"b","measurement":"m","tags":[["é');
    const second = await openGateway({ dataDir });
    await writeLine(second.influxUrl, "m f=2 2");
    await second.close();

    const third = await gatewayForTest({ dataDir });

    expect(third.points().map(({ timestamp }) => timestamp)).toEqual(["1", "2"]);
  });

  it("belongs to one gateway at a time", async () => {
    const dataDir = await folderForTest();
    const first = await openGateway({ dataDir });
    onTestFinished(() => first.close());

    await expect(openGateway({ dataDir })).rejects.toThrow(`another process is using ${dataDir}`);
    await expect(startProcess(dataDir)).rejects.toThrow("another process is using");
  });

  it("is free again at once when the process that had it was killed", async () => {
    const dataDir = await folderForTest();
    const child = await startProcess(dataDir);
    await child.kill();

    const gateway = await gatewayForTest({ dataDir });

    expect(await gateway.query("SELECT 1 AS x")).toEqual([{ x: "1" }]);
  });
});

describe("a statement that never ends", () => {
  const endless = "SELECT count(*) FROM generate_series(1, 1e12::bigint)";

  it("is ended at its time limit, and what was committed is still there", async () => {
    const gateway = await gatewayForTest({ dataDir: await folderForTest(), requestTimeoutMs: 1_000 });
    const sql = neon(gateway.databaseUrl);
    await sql`CREATE TABLE kept AS SELECT 1 AS x`;

    const failing = sql.transaction([sql`INSERT INTO kept VALUES (2)`, sql.query(endless)]);

    await expect(failing).rejects.toMatchObject({ code: "57014" });
    expect(await sql`SELECT x FROM kept`).toEqual([{ x: 1 }]);
  });
});

async function neonTableIn(dataDir: string): Promise<void> {
  const gateway = await openGateway({ dataDir });
  await gateway.query("CREATE TABLE acked (n integer PRIMARY KEY)");
  await gateway.close();
}

async function writeLine(url: string, line: string): Promise<void> {
  const api = new InfluxDB({ url, token: TOKEN }).getWriteApi("o", "b", "ns", {
    maxRetries: 0,
    flushInterval: 0,
  });
  api.writeRecord(line);
  await api.close();
}

interface GatewayProcess extends v.InferOutput<typeof Addresses> {
  kill(): Promise<void>;
}

async function startProcess(dataDir: string): Promise<GatewayProcess> {
  const child = spawn(process.execPath, [PROCESS, dataDir], { stdio: ["ignore", "pipe", "pipe"] });
  const exited = once(child, "exit");
  onTestFinished(() => void child.kill("SIGKILL"));
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  for await (const line of createInterface({ input: child.stdout })) {
    const kill = async (): Promise<void> => {
      child.kill("SIGKILL");
      await exited;
    };
    return { ...v.parse(Addresses, JSON.parse(line)), kill };
  }
  throw new Error(`the gateway's process ended: ${errors}`);
}
