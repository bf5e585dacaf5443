import { type IncomingHttpHeaders, createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

import { InfluxDB, Point, setLogger } from "@influxdata/influxdb-client";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";

import { describeWithProgram, type Engine, freePort, startInfluxd, startVictoriaMetrics } from "./engines.ts";
import { influxForTest, TOKEN } from "./gateways.ts";

// The client prints what it also throws.
setLogger({ error: () => {}, warn: () => {} });

const TIMESTAMP = "1700000000123456789";

describe("forwarding writes", () => {
  describeWithProgram("influxd", (path) => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await startInfluxd(path);
    });
    afterAll(() => engine.stop());

    it.each(["auto", "1"] as const)(
      "reaches InfluxDB 1.x, version %s, with each field as it was",
      async (version) => {
        const { influxUrl, points } = await influxForTest({ influxUrl: engine.url, influxVersion: version });
        const bucket = `class "${version}"`;

        await writePoint(influxUrl, bucket, { gzipThreshold: version === "1" ? 0 : 1_000_000 });

        const series = await query(engine.url, bucket, "SELECT * FROM student_progress");
        expect(series).toEqual({
          name: "student_progress",
          columns: ["time", "class", "n", "ok", "ratio", "text"],
          values: [[Number(TIMESTAMP), "a, b=c", 5, true, 0.5, 'a "b" \\ \n']],
        });
        expect(points()).toEqual([]);
      },
    );

    it("overwrites the same point, and keeps points of one millisecond apart", async () => {
      const { influxUrl } = await influxForTest({ influxUrl: engine.url });

      for (const body of ["m x=1i 1000001", "m x=2i 1000002", "m x=3i 1000001"]) {
        expect((await write(influxUrl, "again", body)).status).toBe(204);
      }

      expect(await query(engine.url, "again", "SELECT x FROM m")).toMatchObject({
        values: [
          [1_000_001, 3],
          [1_000_002, 2],
        ],
      });
    });

    it("hands back what InfluxDB says of a bad line", async () => {
      const { influxUrl } = await influxForTest({ influxUrl: engine.url });

      const response = await write(influxUrl, "bad", "m x=1 1\nm x= 2");

      expect(response.status).toBe(400);
      expect(await response.text()).toContain("missing field value");
      expect(response.headers.get("X-Influxdb-Error")).toContain("missing field value");
    });

    it("leaves the precision of a timestamp as it is", async () => {
      const { influxUrl } = await influxForTest({ influxUrl: engine.url });

      for (const precision of ["ns", "us", "ms", "s"]) {
        await write(influxUrl, "units", `${precision} x=1 7`, precision);
      }

      const times = await Promise.all(
        ["ns", "us", "ms", "s"].map(async (unit) => query(engine.url, "units", `SELECT x FROM ${unit}`)),
      );
      expect(times).toMatchObject(
        [7, 7_000, 7_000_000, 7_000_000_000].map((time) => ({ values: [[time, 1]] })),
      );
    });
  });

  describeWithProgram("victoria-metrics", (path) => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await startVictoriaMetrics(path);
    });
    afterAll(() => engine.stop());

    it("reaches its /api/v2/write", async () => {
      const { influxUrl } = await influxForTest({ influxUrl: engine.url });
      const now = Date.now();

      expect((await write(influxUrl, "b", `m,class=a x=5i ${now}`, "ms")).status).toBe(204);

      // A point is searchable a while after it was taken, or when asked for.
      await fetch(`${engine.url}/internal/force_flush`);
      await expect
        .poll(() => exported(engine.url, "m_x"), { timeout: 30_000 })
        .toMatchObject({
          metric: { __name__: "m_x", class: "a" },
          values: [5],
          timestamps: [now],
        });
    });
  });

  it("hands an answer back as it is, with the time to wait", async () => {
    const upstream = await fakeServer(
      429,
      { "Retry-After": "7", "Content-Type": "application/json" },
      '{"code":"slow"}',
    );
    const { influxUrl } = await influxForTest({ influxUrl: upstream.url, influxVersion: "2" });

    const response = await write(influxUrl, "b", "m x=1");

    expect(response.status).toBe(429);
    expect(response.headers.get("Retry-After")).toBe("7");
    expect(response.headers.get("Content-Type")).toBe("application/json");
    expect(await response.text()).toBe('{"code":"slow"}');
  });

  it("gives a 2.x server its own token and address, not the client's", async () => {
    const upstream = await fakeServer(204, { "X-Influxdb-Version": "v2.7.11" });
    const options = { influxUrl: `${upstream.url}/behind/a/proxy/`, influxUpstreamToken: "upstream" };
    const { influxUrl } = await influxForTest(options);

    await writePoint(influxUrl, "b&c", { gzipThreshold: 0 });

    expect(upstream.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "GET /behind/a/proxy/ping",
      "POST /behind/a/proxy/api/v2/write?org=o&bucket=b%26c&precision=ns",
    ]);
    expect(upstream.seen[1]?.headers).toMatchObject({
      authorization: "Token upstream",
      "content-encoding": "gzip",
    });
    expect(JSON.stringify(upstream.seen)).not.toContain(TOKEN);
  });

  it("gives a 1.x server the name and password of its address, and maps bucket and policy", async () => {
    const upstream = await fakeServer(204, { "X-Influxdb-Version": "1.8.10" });
    const { influxUrl } = await influxForTest({
      influxUrl: upstream.url.replace("http://", "http://me:p%40ss@"),
    });

    await write(influxUrl, "db/rp", "m x=1", "us");

    expect(upstream.seen[1]).toMatchObject({
      url: "/write?db=db&rp=rp&precision=u",
      headers: { authorization: `Basic ${Buffer.from("me:p@ss").toString("base64")}` },
    });
  });

  it.each(["auto", "2"] as const)(
    "answers 503 while a server, version %s, can't be reached, and recovers",
    async (version) => {
      const port = await freePort();
      const { influxUrl } = await influxForTest({
        influxUrl: `http://127.0.0.1:${port}`,
        influxVersion: version,
      });

      const down = await write(influxUrl, "b", "m x=1");

      expect(down.status).toBe(503);
      expect(await down.json()).toMatchObject({ code: "unavailable" });
      await fakeServer(204, {}, "", port);
      expect((await write(influxUrl, "b", "m x=1")).status).toBe(204);
    },
  );

  it("asks for the token before it forwards", async () => {
    const upstream = await fakeServer(204, {});
    const { influxUrl } = await influxForTest({ influxUrl: upstream.url });

    const response = await fetch(`${influxUrl}/api/v2/write?bucket=b`, { method: "POST", body: "m x=1" });

    expect(response.status).toBe(401);
    expect(upstream.seen).toEqual([]);
  });
});

async function writePoint(
  url: string,
  bucket: string,
  options: { readonly gzipThreshold: number },
): Promise<void> {
  const api = new InfluxDB({ url, token: TOKEN }).getWriteApi("o", bucket, "ns", {
    maxRetries: 0,
    flushInterval: 0,
    ...options,
  });
  const point = new Point("student_progress")
    .tag("class", "a, b=c")
    .intField("n", 5)
    .booleanField("ok", true);
  api.writePoint(point.stringField("text", 'a "b" \\ \n').floatField("ratio", 0.5).timestamp(TIMESTAMP));
  await api.close();
}

function write(url: string, bucket: string, body: string, precision = "ns"): Promise<Response> {
  const search = new URLSearchParams({ org: "o", bucket, precision });
  const headers = { Authorization: `Token ${TOKEN}` };
  return fetch(`${url}/api/v2/write?${search.toString()}`, { method: "POST", body, headers });
}

/** The only series that an InfluxQL query answers. */
async function query(url: string, db: string, q: string): Promise<unknown> {
  const search = new URLSearchParams({ db, q, epoch: "ns" });
  const text = await (await fetch(`${url}/query?${search.toString()}`)).text();
  // Nanoseconds exceed what a number holds exactly; the tests' are chosen so that they compare as numbers all the same.
  const { results } = JSON.parse(text) as { results: [{ series: [unknown] }] };
  return results[0].series[0];
}

async function exported(url: string, metric: string): Promise<unknown> {
  const response = await fetch(`${url}/api/v1/export?match[]=${metric}`);
  const text = await response.text();
  return text === "" ? undefined : JSON.parse(text);
}

interface FakeServer {
  readonly url: string;
  readonly seen: { method: string | undefined; url: string | undefined; headers: IncomingHttpHeaders }[];
}

/** A server that answers everything alike and remembers what it was asked. */
async function fakeServer(
  status: number,
  headers: Record<string, string>,
  body = "",
  port = 0,
): Promise<FakeServer> {
  const seen: FakeServer["seen"] = [];
  const server = createServer((request, response) => {
    seen.push({ method: request.method, url: request.url, headers: request.headers });
    request.resume().on("end", () => response.writeHead(status, headers).end(body));
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${address.port}`, seen };
}
