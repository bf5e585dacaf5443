import { type Figure, Figures } from "../figures.ts";
import { Poster } from "../http.ts";
import { bodyOf, Page } from "../lesson.ts";
import { exhaust } from "../load.ts";
import { processorMs, untilQuiet } from "../processor-time.ts";
import { closedRound, greatestRate, openRound } from "../rounds.ts";
import { scaled, type Settings } from "../settings.ts";
import { Dashboard } from "../sockets/dashboard.ts";
import { openAll, StudentSocket } from "../sockets/students.ts";
import { rawCommitsPerSecond } from "../sqlite-commits.ts";
import { type BareWorker, startBareWorker } from "../system/bare.ts";
import { System } from "../system/system.ts";

const clients = 200;
const watchers = 10;
const promisedPerSecond = 7_000;
const promisedP99Ms = 100;
const openForMs = 3_000;
const searchForMs = 1_000;
const rawForMs = 600;
/** Events of one closed round, by the size of its batches. */
const closedEvents = new Map([
  [1, 6_000],
  [25, 40_000],
  [100, 60_000],
]);
const helloRequests = 4_000;
const httpEvents = new Map([
  [1, 1_500],
  [25, 15_000],
]);

/** What one class takes over its students' sockets, and what that costs beside a worker that only echoes. */
export async function ingest(settings: Settings): Promise<Figure[]> {
  const { runs, progress } = settings;
  const count = scaled(clients, settings);
  progress("starting a class that drains, one that does not, and a bare worker");
  await using whole = await System.start();
  await using alone = await System.start({ sinks: false });
  await using bare = await startBareWorker();
  const connected = async (system: System) => {
    const access = await system.makeClass();
    const students = await system.mint(access, count);
    return { access, students, sockets: await openAll(system.url, students) };
  };
  const [wholeClass, aloneClass] = [await connected(whole), await connected(alone)];
  const [echoes, acks] = [await openBare(bare, "/echo", count), await openBare(bare, "/ack", count)];
  const figures = new Figures();
  const amount = (size: number): number => scaled(closedEvents.get(size) ?? 0, settings, size);
  const openMs = scaled(openForMs, settings);

  // What the runtime's compiler has not seen yet is slow, and no class is that new for long.
  progress("warming up");
  for (const size of closedEvents.keys()) {
    for (const [pid, sockets] of [
      [whole.workerPid, wholeClass.sockets],
      [alone.workerPid, aloneClass.sockets],
      [bare.pid, echoes],
      [bare.pid, acks],
    ] as const) {
      await closedRound(pid, sockets, size, amount(size) / 2);
    }
  }
  for (let run = 0; run < runs; run += 1) {
    progress(`run ${run + 1} of ${runs}: batches over sockets, beside the echo`);
    for (const size of closedEvents.keys()) {
      const label = size === 1 ? "single events" : `batches of ${size}`;
      const taken = await closedRound(alone.workerPid, aloneClass.sockets, size, amount(size));
      const echoed = await closedRound(bare.pid, echoes, size, amount(size));
      const answered = await closedRound(bare.pid, acks, size, amount(size));
      figures.add(`${label}, not draining: taken`, taken.eventsPerSecond, "events/s");
      figures.add(`${label}: bare echo`, echoed.eventsPerSecond, "events/s");
      figures.add(`${label}, not draining: processor time`, taken.cpuUsPerEvent, "µs/event");
      figures.add(`${label}: bare echo, processor time`, echoed.cpuUsPerEvent, "µs/event");
      figures.add(
        `${label}: bare parse and short answer, processor time`,
        answered.cpuUsPerEvent,
        "µs/event",
      );
      figures.add(
        `${label}: processor time, times bare echo`,
        taken.cpuUsPerEvent / echoed.cpuUsPerEvent,
        "×",
      );
    }
    progress(`run ${run + 1} of ${runs}: 7,000 single events a second, 10 dashboards`);
    for (const [label, system, { access, sockets }] of [
      ["not draining", alone, aloneClass],
      ["draining", whole, wholeClass],
    ] as const) {
      const dashboards = await openDashboards(system, access, watchers);
      const before = label === "not draining" ? await system.counts() : undefined;
      const offered = await openRound(system.workerPid, sockets, 1, promisedPerSecond, openMs);
      const name = `7,000 single events/s, 10 dashboards, ${label}`;
      figures.add(`${name}: acknowledged`, offered.eventsPerSecond, "events/s");
      figures.add(`${name}: refused`, offered.refusedShare, "%");
      figures.add(`${name}: ack p50`, offered.p50Ms, "ms");
      figures.add(`${name}: ack p99`, offered.p99Ms, "ms");
      figures.add(`${name}: processor time`, offered.cpuUsPerEvent, "µs/event");
      if (before) {
        const commits = ((await system.counts()).written["log_day"] ?? 0) - (before.written["log_day"] ?? 0);
        figures.add("commits of the class under that", (commits / openMs) * 1000, "/s");
        figures.add("raw SQLite commits of one row", rawCommitsPerSecond(scaled(rawForMs, settings)), "/s");
      }
      const searchMs = scaled(searchForMs, settings, 100);
      const most = await greatestRate(sockets, promisedP99Ms, searchMs);
      figures.add(`single events, 10 dashboards, ${label}: greatest rate with p99 ≤100 ms`, most, "events/s");
      await untilQuiet(system.workerPid);
      for (const dashboard of dashboards) dashboard.close();
    }
    progress(`run ${run + 1} of ${runs}: batches, draining`);
    for (const size of [25, 100]) {
      const taken = await closedRound(whole.workerPid, wholeClass.sockets, size, amount(size));
      figures.add(`batches of ${size}, draining: taken`, taken.eventsPerSecond, "events/s");
      figures.add(
        `batches of ${size}, draining: processor time, drain and all`,
        taken.cpuUsPerEvent,
        "µs/event",
      );
    }
    progress(`run ${run + 1} of ${runs}: HTTP`);
    await overHttp(
      settings,
      figures,
      whole,
      bare,
      wholeClass.students.map(({ token }) => token),
    );
  }
  for (const socket of [...wholeClass.sockets, ...aloneClass.sockets, ...echoes, ...acks]) socket.close();
  return figures.list();
}

async function overHttp(
  settings: Settings,
  figures: Figures,
  { url, workerPid }: System,
  bare: BareWorker,
  tokens: readonly string[],
): Promise<void> {
  const measure = async (pid: number, total: number, work: (client: number) => Promise<void>) => {
    const before = processorMs(pid);
    const tookMs = await exhaust(tokens.length, total, work);
    await untilQuiet(pid);
    return { perSecond: (total / tookMs) * 1000, cpuUs: ((processorMs(pid) - before) / total) * 1000 };
  };
  const events = new Poster(`${url}/api/v1/events`, tokens.length);
  const parse = new Poster(`${bare.url}/parse`, tokens.length);
  const hello = new Poster(`${bare.url}/hello`, tokens.length);
  const greeted = await measure(bare.pid, scaled(helloRequests, settings), () => hello.post("{}"));
  figures.add("HTTP: bare hello", greeted.perSecond, "requests/s");
  figures.add("HTTP: bare hello, processor time", greeted.cpuUs, "µs/request");
  for (const [size, amount] of httpEvents) {
    const pages = tokens.map(() => new Page());
    const body = (client: number): string => {
      const nowMs = Date.now();
      const page = pages[client] ?? new Page();
      return bodyOf(
        Array.from({ length: size }, () => page.next(nowMs)),
        nowMs,
      );
    };
    const total = Math.max(1, Math.round(scaled(amount, settings, size) / size));
    const taken = await measure(workerPid, total, (client) => events.post(body(client), tokens[client]));
    const parsed = await measure(bare.pid, total, (client) => parse.post(body(client)));
    const label = `HTTP, batches of ${size}, draining`;
    figures.add(`${label}: taken`, taken.perSecond * size, "events/s");
    figures.add(`${label}: processor time`, taken.cpuUs / size, "µs/event");
    figures.add(`HTTP, batches of ${size}: bare parse, processor time`, parsed.cpuUs / size, "µs/event");
  }
  for (const poster of [events, parse, hello]) poster.close();
}

function openBare({ url }: BareWorker, path: string, count: number): Promise<StudentSocket[]> {
  return Promise.all(Array.from({ length: count }, () => StudentSocket.openBare(url + path)));
}

function openDashboards(
  { url }: System,
  access: Parameters<typeof Dashboard.open>[1],
  count: number,
): Promise<Dashboard[]> {
  return Promise.all(Array.from({ length: count }, () => Dashboard.open(url, access)));
}
