import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Gateway } from "@cell-monitor/gateway";
import fc from "fast-check";

import { createInfluxSink, type InfluxSinkOptions } from "../../src/sinks/influx/influx-sink.ts";
import { createPseudonyms } from "@cell-monitor/protocol";
import type { Sink } from "../../src/sinks/sink.ts";
import { classId, logged, startMs, studentIds } from "./events.ts";
import { type Answer, nowhere, serve } from "./http-server.ts";
import { testGateway, writeAll } from "./stores.ts";
import { smallStream, wildStream } from "./streams.ts";

const token = "the-token-of-the-influx-tests";
const pseudonymOf = createPseudonyms("a class's secret");
const signal = () => AbortSignal.timeout(30_000);

function sinkAt(url: string, options: Partial<InfluxSinkOptions> = {}): Sink {
  return createInfluxSink({ classId, url, token, org: "school", bucket: "events", pseudonymOf, ...options });
}

describe("events as points", () => {
  let gateway: Gateway;

  beforeAll(async () => {
    gateway = await testGateway({ influxToken: token });
  });
  afterAll(() => gateway.close());

  it("carry what a chart needs, and nobody's name", async () => {
    const event = {
      ...logged({
        eventType: "cell_execution_error",
        eventTime: new Date(startMs).toISOString(),
        userName: "Ada",
        userId: "ada@example.org",
        sessionId: "s1",
        notebookPath: "week 1/loops, again.ipynb",
        cellId: "c1",
        cellType: "code",
        cellIndex: 2,
        executionId: "x1",
        executionCount: 7,
        executionDurationMs: 1_234.5,
        errorName: 'Key"Error\\',
      }),
      version: 12_000_345,
    };
    const bucket = "one";
    await writeAll(sinkAt(gateway.influxUrl, { bucket }), [event]);
    expect(gateway.points().filter((point) => point.bucket === bucket)).toEqual([
      {
        bucket,
        measurement: "student_progress",
        tags: {
          class: classId,
          userId: await pseudonymOf(studentIds[0]),
          event: "cell_execution_error",
          notebook: "loops, again.ipynb",
          cellType: "code",
        },
        fields: {
          count: 1,
          success: false,
          status: "error",
          duration: 1_234.5,
          executionCount: 7,
          cellIndex: 2,
          cellId: "c1",
          notebookPath: "week 1/loops, again.ipynb",
          sessionId: "s1",
          executionId: "x1",
          errorName: 'Key"Error\\',
          errorFingerprint: event.event.errorFingerprint,
        },
        timestamp: `${startMs}000345`,
      },
    ]);
  });

  it("are one for each event, even of one millisecond, however often they are written", async () => {
    const bucket = "many";
    const eventTime = new Date(startMs).toISOString();
    const batch = Array.from({ length: 1_000 }, () => logged({ eventType: "activity", eventTime }));
    const sink = sinkAt(gateway.influxUrl, { bucket });
    await writeAll(sink, batch, batch.slice(300, 700), batch);
    expect(gateway.points().filter((point) => point.bucket === bucket)).toHaveLength(1_000);
  });

  it.for([
    "back\\slash\\",
    "new\nline",
    "a,b=c d",
    '"quoted"',
    "\t\r\n",
    "#",
    "日本語 \u{1F600}",
    "\\",
    "x\\,y",
  ])("stay one whole point with a notebook called %j", async (notebookPath) => {
    const bucket = `name ${notebookPath}`;
    await writeAll(sinkAt(gateway.influxUrl, { bucket }), [
      logged({ eventType: "notebook_open", notebookPath, cellId: notebookPath, errorName: notebookPath }),
    ]);
    const [point, ...more] = gateway.points().filter((kept) => kept.bucket === bucket);
    expect(more).toEqual([]);
    expect(Object.keys(point?.tags ?? {}).toSorted()).toEqual(["class", "event", "notebook", "userId"]);
    expect(point?.fields["notebookPath"]).toBe(notebookPath.replace(/[\t\r\n]/g, "\uFFFD"));
  });

  it("are taken, whatever admission lets through", async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.oneof(wildStream, smallStream), async (events) => {
        run += 1;
        const bucket = `wild ${run}`;
        await writeAll(sinkAt(gateway.influxUrl, { bucket }), events, events);
        expect(gateway.points().filter((point) => point.bucket === bucket)).toHaveLength(events.length);
      }),
      { numRuns: 100 },
    );
  });

  it("come in one request a batch, whatever its size", async () => {
    let requests = 0;
    const url = await serve(() => {
      requests += 1;
      return { status: 204 };
    });
    await writeAll(
      sinkAt(url),
      Array.from({ length: 1_000 }, () => logged({ eventType: "activity" })),
    );
    expect(requests).toBe(1);
  });
});

describe("pseudonyms", () => {
  it("are 16 hex digits that depend on the student and on the secret", async () => {
    const names = await Promise.all([
      createPseudonyms("one")(studentIds[0]),
      createPseudonyms("one")(studentIds[0]),
      createPseudonyms("one")(studentIds[1]),
      createPseudonyms("two")(studentIds[0]),
    ]);
    expect(names.every((name) => /^[0-9a-f]{16}$/.test(name))).toBe(true);
    expect(names[0]).toBe(names[1]);
    expect(new Set(names).size).toBe(3);
  });
});

describe("a batch that InfluxDB refuses", () => {
  const batch = Array.from({ length: 1_000 }, () => logged({ eventType: "activity" }));

  async function outcomeAfter(answer: Answer) {
    let requests = 0;
    const url = await serve(() => {
      requests += 1;
      return answer;
    });
    const outcome = await sinkAt(url).write(batch, signal());
    expect(requests).toBe(1);
    return outcome;
  }

  it.for([400, 422, 413])("is poison after %i", async (status) => {
    const body = JSON.stringify({ code: "invalid", message: "partial write: bad point" });
    const headers = { "content-type": "application/json" };
    expect(await outcomeAfter({ status, headers, body })).toEqual({
      kind: "poison",
      reason: "partial write: bad point",
    });
  });

  it.for([401, 403, 404, 408, 429, 500, 502, 503, 200])(
    "is tried again after %i, by the log alone",
    async (status) => {
      expect(await outcomeAfter({ status, body: "no" })).toMatchObject({ kind: "retry" });
    },
  );

  it("waits the seconds that Retry-After says", async () => {
    expect(await outcomeAfter({ status: 429, headers: { "retry-after": "17" } })).toMatchObject({
      kind: "retry",
      retryAfterMs: 17_000,
    });
  });

  it("waits until the date that Retry-After says", async () => {
    const headers = { "retry-after": new Date(Date.now() + 3_600_000).toUTCString() };
    const outcome = await outcomeAfter({ status: 503, headers });
    expect(outcome).toMatchObject({ kind: "retry", retryAfterMs: expect.closeTo(3_600_000, -5) as number });
  });

  it("is tried again when nobody listens", async () => {
    expect(await sinkAt(await nowhere()).write(batch, signal())).toMatchObject({ kind: "retry" });
  });

  it("is tried again when it is given up waiting", async () => {
    const abort = new AbortController();
    const url = await serve(() => {
      abort.abort();
      return undefined;
    });
    expect(await sinkAt(url).write(batch, abort.signal)).toMatchObject({ kind: "retry" });
  });
});
