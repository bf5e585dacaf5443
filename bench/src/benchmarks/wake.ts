import { setTimeout as delay } from "node:timers/promises";

import { type Figure, Figures, median } from "../figures.ts";
import { Page } from "../lesson.ts";
import { openRound } from "../rounds.ts";
import { scaled, type Settings } from "../settings.ts";
import { eventsFrame, openAll, type ReadyFrame, type StudentSocket } from "../sockets/students.ts";
import { System } from "../system/system.ts";

const studentCount = 200;
const logLengths = [1_000, 10_000, 100_000, 1_000_000];
const fillBatch = 100;
/** Frames that may be unanswered at once while a log is filled. */
const fillSockets = 50;
const tailEvents = 128;
/** The runtime puts an object to sleep that was idle for ten seconds. */
const idleMs = 11_500;
const warmCalls = 15;
const storedPerSecond = 2_000;
const storedForMs = 1_000;

interface Sleeper {
  readonly label: string;
  readonly sockets: readonly StudentSocket[];
  /** Was acknowledged already: sent again it is looked up, and nothing is written. */
  readonly again: ReadyFrame;
}

/**
 * What the first call to a class costs that its object must be made for again, by the length of its log. No store is
 * drained to: the alarm of a drain would wake it. The call is a student's frame that was taken before, over a socket
 * that slept through it; its answer waits for no disk.
 */
export async function wake(settings: Settings): Promise<Figure[]> {
  const { runs, quick, progress } = settings;
  await using system = await System.start({ sinks: false });
  const figures = new Figures();
  const sleepers: Sleeper[] = [];
  const count = scaled(studentCount, settings);
  const lengths = quick ? logLengths.slice(0, 1) : logLengths;
  sleepers.push(await makeSleeper(system, "an empty class", 1, 0));
  for (const length of lengths) {
    progress(`filling a log with ${length.toLocaleString("en")} events`);
    sleepers.push(await makeSleeper(system, `log of ${length.toLocaleString("en")} events`, count, length));
  }
  for (let run = 0; run < runs; run += 1) {
    progress(`run ${run + 1} of ${runs}: waiting until ${sleepers.length} objects sleep`);
    await delay(idleMs);
    const before = (await system.counts()).constructed;
    for (const { label, sockets, again } of sleepers) {
      const [socket] = sockets;
      if (!socket) throw new RangeError("There is no student.");
      const firstMs = await callMs(socket, again);
      const warmMs: number[] = [];
      for (let call = 0; call < warmCalls; call += 1) warmMs.push(await callMs(socket, again));
      figures.add(`${label}: warm call`, median(warmMs), "ms");
      figures.add(`${label}: first call, beyond a warm one`, firstMs - median(warmMs), "ms");
    }
    const woken = (await system.counts()).constructed - before;
    if (woken !== sleepers.length) throw new Error(`${woken} of ${sleepers.length} objects had slept.`);
  }
  // Afterwards, since it makes the logs longer.
  for (let run = 0; run < runs; run += 1) {
    progress(`run ${run + 1} of ${runs}: events to logs of all lengths`);
    for (const { label, sockets } of sleepers.slice(1)) {
      const round = await openRound(
        system.workerPid,
        sockets,
        1,
        scaled(storedPerSecond, settings),
        scaled(storedForMs, settings, 200),
      );
      figures.add(`${label}: processor time at 2,000 single events/s`, round.cpuUsPerEvent, "µs/event");
    }
  }
  for (const { sockets } of sleepers) for (const socket of sockets) socket.close();
  return figures.list();
}

async function makeSleeper(
  system: System,
  label: string,
  students: number,
  events: number,
): Promise<Sleeper> {
  const access = await system.makeClass();
  const sockets = await openAll(system.url, await system.mint(access, students));
  const pages = sockets.map(() => new Page());
  const send = async (client: number, size: number): Promise<ReadyFrame> => {
    const [socket, page] = [sockets[client % sockets.length], pages[client % pages.length]];
    if (!socket || !page) throw new RangeError("There is no such student.");
    const nowMs = Date.now();
    const events = Array.from({ length: size }, () => page.next(nowMs));
    const frame = eventsFrame(events, nowMs);
    await socket.send(frame);
    return frame;
  };
  const size = Math.min(fillBatch, Math.max(1, Math.floor(events / students)));
  const total = Math.floor(events / size);
  const work = async (worker: number): Promise<void> => {
    for (let number = worker; number < total; number += fillSockets) await send(number, size);
  };
  await Promise.all(Array.from({ length: Math.min(fillSockets, students) }, (_, worker) => work(worker)));
  if (events === 0) return { label, sockets, again: await send(0, 1) };
  await untilCheckpoint(system, (number) => send(number, 8));
  // Of as many students as there are: all that a waking must know of them.
  const again = await send(0, 1);
  for (let sent = 1; sent < tailEvents; sent += 1) await send(sent, 1);
  return { label, sockets, again };
}

/** Sends until the class has written a checkpoint: the log's tail is empty then. */
async function untilCheckpoint(system: System, send: (number: number) => Promise<unknown>): Promise<void> {
  const before = (await system.counts()).checkpoints;
  for (let number = 0; (await system.counts()).checkpoints === before; number += 1) await send(number);
}

async function callMs(socket: StudentSocket, frame: ReadyFrame): Promise<number> {
  const startMs = performance.now();
  await socket.send(frame);
  return performance.now() - startMs;
}
