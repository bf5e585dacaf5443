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
  /** Of what was offered, in percent; what was refused is to be sent again. */
  readonly refusedShare: number;
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
  const before = processorMs(pid);
  const offered = await offer(sockets, size, eventsPerSecond, forMs);
  await untilQuiet(pid);
  const events = (eventsPerSecond * forMs) / 1000;
  return { ...offered, cpuUsPerEvent: ((processorMs(pid) - before) / events) * 1000 };
}

async function offer(
  sockets: readonly StudentSocket[],
  size: number,
  eventsPerSecond: number,
  forMs: number,
): Promise<Omit<OpenRound, "cpuUsPerEvent">> {
  const perSecond = eventsPerSecond / size;
  const frames = framesFor(sockets, size, Math.floor((perSecond * forMs) / 1000));
  const startMs = performance.now();
  const { tookMs, failures } = await arrive(perSecond, sockets.length, forMs, (client, number) =>
    sendOne(sockets, frames, client, number),
  );
  const wholeMs = performance.now() - startMs;
  if (tookMs.length === 0) throw failures[0];
  // What was refused is not sent again here, and would be waited for.
  if (failures.length > 0) for (const socket of sockets) socket.turnPage();
  return {
    eventsPerSecond: ((tookMs.length * size) / wholeMs) * 1000,
    p50Ms: percentile(tookMs, 0.5),
    p99Ms: percentile(tookMs, 0.99),
    refusedShare: (failures.length / frames.length) * 100,
  };
}

/** In steps of a quarter, of which one is the rate that is promised. */
const searchFactor = 1.25;
const searchFromPerSecond = 7_000 / searchFactor ** 4;
const searchMostPerSecond = 40_000;
/** What was acknowledged by the end of the round may lag behind what was offered by this much. */
const keepsUpShare = 0.93;

/** The greatest rate of single events at which none is refused, and the p99 stays within this at one of two tries. */
export async function greatestRate(
  sockets: readonly StudentSocket[],
  mostP99Ms: number,
  forMs: number,
): Promise<number> {
  const keepsUp = async (rate: number): Promise<boolean> => {
    const { eventsPerSecond, p99Ms, refusedShare } = await offer(sockets, 1, rate, forMs);
    return refusedShare === 0 && p99Ms <= mostP99Ms && eventsPerSecond >= rate * keepsUpShare;
  };
  let best = 0;
  for (let rate = searchFromPerSecond; rate <= searchMostPerSecond; rate *= searchFactor) {
    // The machine may have been busy with something else for once.
    if (!((await keepsUp(rate)) || (await keepsUp(rate)))) break;
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
