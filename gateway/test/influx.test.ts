import { gzipSync } from "node:zlib";

import { HttpError, InfluxDB, Point, setLogger, type WriteApi } from "@influxdata/influxdb-client";
import { describe, expect, it } from "vitest";

import { folderForTest, influxForTest, type InfluxServer, openInflux, TOKEN } from "./gateways.ts";

// The client prints what it also throws.
setLogger({ error: () => {}, warn: () => {} });

describe("/api/v2/write", () => {
  it("takes points of InfluxDB's own client, gzipped too, and keeps them for inspection", async () => {
    const server = await influxForTest();
    for (const gzipThreshold of [0, 1_000_000]) {
      const api = writeApi(server, { gzipThreshold });
      const point = new Point("student_progress")
        .tag("class", "a, b")
        .intField("n", 5)
        .booleanField("ok", true);
      api.writePoint(
        point.stringField("text", 'a "b" \\').floatField("ratio", 0.5).timestamp(String(gzipThreshold)),
      );
      await api.close();
    }

    const fields = { n: 5, ok: true, text: 'a "b" \\', ratio: 0.5 };
    const point = { bucket: "b", measurement: "student_progress", tags: { class: "a, b" }, fields };
    expect(server.points()).toEqual([
      { ...point, timestamp: "0" },
      { ...point, timestamp: "1000000" },
    ]);
    const inspected = await inspect(server, "");
    expect(await inspected.json()).toEqual({ total: 2, points: server.points() });
  });

  it("overwrites a point of the same measurement, tags and time, and merges its fields", async () => {
    const server = await influxForTest();

    await write(server, "m,a=1,b=2 x=1,y=1 7\nm,b=2,a=1 x=2,z=3 7\nm,a=1 x=9 7\nm,a=1,b=2 x=9 8");

    expect(server.points().map(({ fields }) => fields)).toEqual([{ x: 2, y: 1, z: 3 }, { x: 9 }, { x: 9 }]);
  });

  it("keeps points of one bucket apart from another's", async () => {
    const server = await influxForTest();

    await write(server, "m x=1 7", { query: "bucket=one" });
    await write(server, "m x=2 7", { query: "bucket=two" });

    expect(server.points()).toHaveLength(2);
  });

  it.each([
    ["ns", "7"],
    ["us", "7000"],
    ["ms", "7000000"],
    ["s", "7000000000"],
  ])("takes timestamps in %s", async (precision, timestamp) => {
    const server = await influxForTest();

    await write(server, "m x=1 7", { query: `bucket=b&precision=${precision}` });

    expect(server.points()).toMatchObject([{ timestamp }]);
  });

  it("gives a point without a timestamp the time at which it came", async () => {
    const server = await influxForTest();
    const before = Date.now();

    await write(server, "m x=1");

    const [point] = server.points();
    expect(Number(point?.timestamp) / 1e6).toBeGreaterThanOrEqual(before);
  });

  it("names bad lines and keeps the good ones around them", async () => {
    const server = await influxForTest();

    const response = await write(server, "m x=1 1\nm\nm x= 2\nm x=3 3");

    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      code: "invalid",
      message:
        "partial write: unable to parse 'm': missing fields\nunable to parse 'm x= 2': missing field value",
    });
    expect(server.points().map(({ timestamp }) => timestamp)).toEqual(["1", "3"]);
  });

  it("refuses another type for a field that has one, as 422, and keeps the other points", async () => {
    const server = await influxForTest();

    const response = await write(server, "m x=1i 1\nm x=2 2\nm x=3i 3");

    expect(response.status).toBe(422);
    expect(await response.json()).toEqual({
      code: "unprocessable entity",
      message: expect.stringContaining(
        'input field "x" on measurement "m" is type float, already exists as type integer',
      ),
    });
    expect(server.points().map(({ timestamp }) => timestamp)).toEqual(["1", "3"]);
  });

  it("keeps an integer that a number can't hold as text", async () => {
    const server = await influxForTest();

    await write(server, "m x=9223372036854775807i,y=9007199254740991i 1");

    expect(server.points()[0]?.fields).toEqual({ x: "9223372036854775807", y: 9_007_199_254_740_991 });
  });

  it.each([
    ["no token", { token: undefined }, 401, "unauthorized"],
    ["a wrong token", { token: `Token ${TOKEN}x` }, 401, "unauthorized"],
    ["another scheme", { token: `Basic ${TOKEN}` }, 401, "unauthorized"],
    ["no bucket", { query: "org=o" }, 400, "invalid"],
    ["an unknown precision", { query: "bucket=b&precision=m" }, 400, "invalid"],
    ["an unknown encoding", { encoding: "br" }, 415, "invalid"],
    ["gzip that is none", { encoding: "gzip" }, 400, "invalid"],
    ["bytes that are no UTF-8", { body: new Uint8Array([0x6d, 0xff]) }, 400, "invalid"],
    ["a gzip bomb", { body: bomb(), encoding: "gzip" }, 413, "request too large"],
    ["too many bytes", { body: new Uint8Array(50 * 1024 * 1024 + 1) }, 413, "request too large"],
  ])(
    "refuses a write with %s",
    async (_what, { body = "m x=1 1", ...request }: WriteOptions, status, code) => {
      const server = await influxForTest();

      const response = await write(server, body, request);

      expect(response.status).toBe(status);
      expect(await response.json()).toMatchObject({ code, message: expect.any(String) });
      expect(server.points()).toEqual([]);
    },
  );

  it("tells InfluxDB's client the status and the code of a refusal", async () => {
    const server = await influxForTest();
    const api = writeApi(server, {});
    api.writeRecord("m x=");

    const failure = api.close();

    await expect(failure).rejects.toBeInstanceOf(HttpError);
    await expect(failure).rejects.toMatchObject({ statusCode: 400, json: { code: "invalid" } });
  });

  it("keeps only so many points, the newest", async () => {
    const folder = await folderForTest();
    const server = await openInflux({ maxPoints: 10 }, folder);
    for (let i = 0; i < 50; i++) await write(server, `m x=${i} ${i}`);
    expect(server.points().map(({ timestamp }) => timestamp)).toEqual(numbers(40, 50));
    await server.close();

    const again = await influxForTest({ maxPoints: 10 }, folder);

    expect(again.points().map(({ timestamp }) => timestamp)).toEqual(numbers(40, 50));
  });

  it("keeps every point of writes that come at the same time", async () => {
    const folder = await folderForTest();
    const server = await openInflux({}, folder);

    const responses = await Promise.all(
      Array.from({ length: 50 }, (_, i) => write(server, `m x="a\u2028\n${i}" ${i}`)),
    );

    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([204]));
    await server.close();
    const again = await influxForTest({}, folder);
    expect(again.points()).toHaveLength(50);
  });
});

describe("/inspect/influx", () => {
  it("answers the newest points of a measurement, to whom has the token", async () => {
    const server = await influxForTest();
    await write(server, "a x=1 1\nb x=2 2\na x=3 3\na x=4 4");

    const response = await inspect(server, "?measurement=a&limit=2");

    expect(await response.json()).toMatchObject({
      total: 3,
      points: [{ timestamp: "3" }, { timestamp: "4" }],
    });
    expect((await fetch(`${server.influxUrl}/inspect/influx`)).status).toBe(401);
    expect((await inspect(server, "?limit=-1")).status).toBe(400);
  });
});

interface WriteOptions {
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly token?: string | undefined;
  readonly query?: string;
  readonly encoding?: string;
}

function write(
  server: InfluxServer,
  body: string | Uint8Array<ArrayBuffer>,
  options: Omit<WriteOptions, "body"> = {},
): Promise<Response> {
  const { query = "org=o&bucket=b&precision=ns", encoding } = options;
  const token = "token" in options ? options.token : `Token ${TOKEN}`;
  return fetch(`${server.influxUrl}/api/v2/write?${query}`, {
    method: "POST",
    body,
    headers: {
      ...(token === undefined ? {} : { Authorization: token }),
      ...(encoding === undefined ? {} : { "Content-Encoding": encoding }),
    },
  });
}

function inspect(server: InfluxServer, query: string): Promise<Response> {
  return fetch(`${server.influxUrl}/inspect/influx${query}`, {
    headers: { Authorization: `Token ${TOKEN}` },
  });
}

function writeApi(server: InfluxServer, options: { readonly gzipThreshold?: number }): WriteApi {
  const client = new InfluxDB({ url: server.influxUrl, token: TOKEN });
  return client.getWriteApi("o", "b", "ns", { maxRetries: 0, flushInterval: 0, ...options });
}

function bomb(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(gzipSync(Buffer.alloc(60 * 1024 * 1024, "m x=1 1\n")));
}

function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => String(from + i));
}
