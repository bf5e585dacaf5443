import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeWith } from "./support/binaries.ts";
import { finishedRun, sendEvents } from "./support/class.ts";
import { temporaryFolder } from "./support/folders.ts";
import { type StackProcess, startStack } from "./support/stack-process.ts";
import {
  exportSeries,
  influxQuery,
  startInfluxd,
  startVictoriaMetrics,
  type TimeSeriesServer,
} from "./support/time-series.ts";

const drainWithin = { timeout: 20_000, interval: 100 };
const bucket = "cell_monitor";
const runs = 25;

const sessionId = randomUUID();
const events = Array.from({ length: runs }, (_, index) => finishedRun(sessionId, index + 1));

describeWith(["influxd"], "InfluxDB 1.x behind the stack", () => {
  const resources = new AsyncDisposableStack();
  let server: TimeSeriesServer;
  let stack: StackProcess;

  beforeAll(async () => {
    server = resources.use(await startInfluxd(resources.use(temporaryFolder()).path));
    stack = resources.use(await stackWith(server, resources.use(temporaryFolder()).path));
    await sendEvents(stack.url, stack.studentToken, events);
  });
  afterAll(() => resources.disposeAsync());

  it("returns a point of every run, with its duration and outcome, by InfluxQL", async () => {
    const query = `SELECT "executionId", "duration", "success", "event", "notebook", "class" FROM student_progress`;
    await expect.poll(() => influxQuery(server, bucket, query), drainWithin).toEqual(events.map(expectedRow));
  });

  it("counts a batch that is sent again once", async () => {
    await sendEvents(stack.url, stack.studentToken, [...events, finishedRun(randomUUID(), 1)]);

    const query = `SELECT sum("count") AS "runs" FROM student_progress`;
    await expect
      .poll(() => influxQuery(server, bucket, query), drainWithin)
      .toMatchObject([{ runs: runs + 1 }]);
  });

  function expectedRow({ executionId }: (typeof events)[number]) {
    return {
      // By the server's clock, which is not quite the client's.
      time: expect.any(Number),
      executionId,
      duration: 20,
      success: true,
      event: "cell_execution_complete",
      notebook: "lesson.ipynb",
      class: stack.classId,
    };
  }
});

describeWith(["victoria-metrics"], "VictoriaMetrics behind the stack", () => {
  const resources = new AsyncDisposableStack();
  let server: TimeSeriesServer;
  let stack: StackProcess;

  beforeAll(async () => {
    server = resources.use(await startVictoriaMetrics(resources.use(temporaryFolder()).path));
    stack = resources.use(await stackWith(server, resources.use(temporaryFolder()).path));
    await sendEvents(stack.url, stack.studentToken, events);
  });
  afterAll(() => resources.disposeAsync());

  it("returns a point of every run, taken by InfluxDB 2.x's write path", async () => {
    const selector = `student_progress_duration{class="${stack.classId}",event="cell_execution_complete"}`;
    await expect
      .poll(async () => (await exportSeries(server, selector)).map(({ values }) => values), drainWithin)
      .toEqual([events.map(() => 20)]);
  });
});

function stackWith(server: TimeSeriesServer, dataDir: string): Promise<StackProcess> {
  return startStack({ dataDir, environment: server.environment });
}
