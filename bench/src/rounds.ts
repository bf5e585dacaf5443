import { percentile } from "./figures.ts";
import { arrive, exhaust } from "./load.ts";
import { processorMs, untilQuiet } from "./processor-time.ts";
import type { ReadyFrame, StudentSocket } from "./sockets/students.ts";

/** What came of one round of frames. */
export interface Round {
  readonly eventsPerSecond: number;
  /** Of the worker's process, until it had nothing more to do. */
  readonly cpuUsPerEvent: number;
}

export interface OpenRound extends Round {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Frames are made before the clock runs, for every socket in turn. */
function framesFor(sockets: readonly StudentSocket[], size: number, total: number): ReadyFrame[] {
  const nowMs = Date.now();
  const frames: ReadyFrame[] = [];
  for (let number = 0; number < total; number += 1) {
    const socket = sockets[number % sockets.length];
    if (socket) frames.push(socket.next(size, nowMs));
  }
  return frames;
}

/** Sends frames of `size` events as fast as they are acknowledged, one under way a socket. */
export async function closedRound(
  pid: number,
  sockets: readonly StudentSocket[],
  size: number,
  events: number,
): Promise<Round> {
  const total = Math.max(1, Math.round(events / size));
  const frames = framesFor(sockets, size, total);
  const before = processorMs(pid);
  const tookMs = await exhaust(sockets.length, total, (client, number) =>
    sendOne(sockets, frames, client, number),
  );
  await untilQuiet(pid);
  const cpuUsPerEvent = ((processorMs(pid) - before) / (total * size)) * 1000;
  return { eventsPerSecond: ((total * size) / tookMs) * 1000, cpuUsPerEvent };
}

/** Sends frames of `size` events at a rate that doesn't ask whether the last were answered. */
export async function openRound(
  pid: number,
  sockets: readonly StudentSocket[],
  size: number,
  eventsPerSecond: number,
  forMs: number,
): Promise<OpenRound> {
  const perSecond = eventsPerSecond / size;
  const total = Math.floor((perSecond * forMs) / 1000);
  const frames = framesFor(sockets, size, total);
  const before = processorMs(pid);
  const startMs = performance.now();
  const tookMs = await arrive(perSecond, sockets.length, forMs, (client, number) =>
    sendOne(sockets, frames, client, number),
  );
  const wholeMs = performance.now() - startMs;
  await untilQuiet(pid);
  return {
    eventsPerSecond: ((total * size) / wholeMs) * 1000,
    cpuUsPerEvent: ((processorMs(pid) - before) / (total * size)) * 1000,
    p50Ms: percentile(tookMs, 0.5),
    p99Ms: percentile(tookMs, 0.99),
  };
}

const searchFromPerSecond = 3_000;
const searchFactor = 1.15;
const searchMostPerSecond = 40_000;
/** What was acknowledged by the end of the round may lag behind what was offered by this much. */
const keepsUpShare = 0.93;

/** The greatest rate of single events, in steps of 15%, at which all are acknowledged with a p99 of at most this. */
export async function greatestRate(
  pid: number,
  sockets: readonly StudentSocket[],
  mostP99Ms: number,
  forMs: number,
): Promise<number> {
  let best = 0;
  for (let rate = searchFromPerSecond; rate <= searchMostPerSecond; rate *= searchFactor) {
    const round = await openRound(pid, sockets, 1, rate, forMs).catch(() => undefined);
    if (round === undefined) for (const socket of sockets) socket.turnPage();
    if (round === undefined || round.p99Ms > mostP99Ms || round.eventsPerSecond < rate * keepsUpShare) break;
    best = rate;
  }
  return best;
}

function sendOne(
  sockets: readonly StudentSocket[],
  frames: readonly ReadyFrame[],
  client: number,
  number: number,
): Promise<void> {
  const [socket, frame] = [sockets[client], frames[number]];
  if (socket === undefined || frame === undefined) throw new RangeError("There is no such frame.");
  return socket.send(frame);
}
