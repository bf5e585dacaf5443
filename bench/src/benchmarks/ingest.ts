import { once } from "node:events";
import { createServer } from "node:net";
import * as v from "valibot";

import { startBareWorker } from "../bare-worker.ts";
import { createDatabase } from "../database.ts";
import { type Figure, Figures, percentile } from "../figures.ts";
import { Poster } from "../http.ts";
import { bodyOf, Page } from "../lesson.ts";
import { arrive, saturate } from "../load.ts";
import { processorMs } from "../processor-time.ts";
import { mintStudents, startStack } from "../stack.ts";

const clients = 200;
const batchSizes = [1, 25, 100];
const forMs = 1_500;
const bareForMs = 700;
/** Of what the class takes at most; latency at its very limit says only how long the queue was. */
const openLoad = 0.6;

/** What one class takes, how soon it acknowledges, and what that costs beside a worker that only parses the same. */
export async function ingest(runs: number): Promise<Figure[]> {
  await using database = await createDatabase();
  await using stack = await startStack(database?.url);
  await using bare = await startBareWorker(await freePort());
  const students = await mintStudents(stack, clients);
  const events = new Poster(`${stack.url}/api/v1/events`, clients);
  const hello = new Poster(`${bare.url}/hello`, clients);
  const parse = new Poster(`${bare.url}/parse`, clients);
  const figures = new Figures();

  /** Of every client's next batch. */
  const bodies = (size: number): ((client: number) => string) => {
    const pages = students.map(() => new Page());
    return (client) => {
      const nowMs = Date.now();
      const page = pages[client];
      return bodyOf(page === undefined ? [] : Array.from({ length: size }, () => page.next(nowMs)), nowMs);
    };
  };
  /** Saturates a worker; returns pieces a second, and the worker's processor time for one. */
  const measure = async (pid: number, lengthMs: number, work: (client: number) => Promise<void>) => {
    const before = processorMs(pid);
    const startMs = performance.now();
    const perSecond = await saturate(clients, lengthMs, work);
    const pieces = (perSecond * (performance.now() - startMs)) / 1000;
    return { perSecond, cpuUs: ((processorMs(pid) - before) / pieces) * 1000 };
  };

  // What the compiler of the runtime has not seen yet is slow, and no class is that new for long.
  for (const size of batchSizes) {
    const next = bodies(size);
    await saturate(clients, bareForMs, (client) => events.post(next(client), students[client]?.token));
    await saturate(clients, bareForMs, (client) => parse.post(next(client)));
  }
  for (let run = 0; run < runs; run += 1) {
    const bareHello = await measure(bare.workerPid, bareForMs, () => hello.post("{}"));
    figures.add("bare hello", bareHello.perSecond, "requests/s");
    for (const size of batchSizes) {
      const next = bodies(size);
      const send = (client: number) => events.post(next(client), students[client]?.token);
      const full = await measure(stack.workerPid, forMs, send);
      const open = await arrive(full.perSecond * openLoad, clients, forMs, send);
      const parsed = await measure(bare.workerPid, bareForMs, (client) => parse.post(next(client)));
      const label = `batches of ${size}`;
      figures.add(`${label}: taken`, full.perSecond * size, "events/s");
      figures.add(`${label}: ack p50 at 60% of that`, percentile(open, 0.5), "ms");
      figures.add(`${label}: ack p99 at 60% of that`, percentile(open, 0.99), "ms");
      figures.add(`${label}: worker's processor time`, full.cpuUs / size, "µs/event");
      figures.add(`${label}: bare parse, processor time`, parsed.cpuUs / size, "µs/event");
      figures.add(`${label}: bare parse, taken`, parsed.perSecond * size, "events/s");
      figures.add(`${label}: processor time, times bare parse`, full.cpuUs / parsed.cpuUs, "×");
    }
  }
  for (const poster of [events, hello, parse]) poster.close();
  return figures.list();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = v.parse(v.object({ port: v.number() }), server.address());
  server.close();
  await once(server, "close");
  return port;
}
