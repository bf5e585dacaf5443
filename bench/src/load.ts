import { setTimeout as delay } from "node:timers/promises";

/** Does one piece of work for a client; `number` counts all pieces from 0. */
type Work = (client: number, number: number) => Promise<void>;

/** A fixed amount, as fast as the server takes it: each client goes on as soon as it has its answer. Returns ms. */
export async function exhaust(clients: number, total: number, work: Work): Promise<number> {
  const startMs = performance.now();
  const client = async (index: number): Promise<void> => {
    for (let number = index; number < total; number += clients) await work(index, number);
  };
  await Promise.all(Array.from({ length: clients }, (_, index) => client(index)));
  return performance.now() - startMs;
}

/** What came of work that comes whether or not the last was answered. */
export interface Arrived {
  /** How long each took that was done, from when it was due: a stall is charged for all that piled up meanwhile. */
  readonly tookMs: readonly number[];
  readonly failures: readonly unknown[];
}

/** Work that comes whether or not the last was answered, clients in turn. */
export async function arrive(
  perSecond: number,
  clients: number,
  forMs: number,
  work: Work,
): Promise<Arrived> {
  const startMs = performance.now();
  const total = Math.floor((perSecond * forMs) / 1000);
  const tookMs: number[] = [];
  const failures: unknown[] = [];
  const pending: Promise<void>[] = [];
  const one = async (number: number, dueMs: number): Promise<void> => {
    try {
      await work(number % clients, number);
      tookMs.push(performance.now() - dueMs);
    } catch (error) {
      failures.push(error);
    }
  };
  for (let number = 0; number < total;) {
    const due = Math.min(total, Math.ceil(((performance.now() - startMs) / 1000) * perSecond));
    for (; number < due; number += 1) pending.push(one(number, startMs + (number / perSecond) * 1000));
    await delay(1);
  }
  await Promise.all(pending);
  return { tookMs, failures };
}

/** The same, where a failure is a fault. */
export async function arriveAll(...load: Parameters<typeof arrive>): Promise<readonly number[]> {
  const { tookMs, failures } = await arrive(...load);
  if (failures.length > 0) throw failures[0];
  return tookMs;
}
