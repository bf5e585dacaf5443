import { setTimeout as delay } from "node:timers/promises";

/** Does one piece of work for a client. */
type Work = (client: number) => Promise<void>;

/** As much as the server takes: each client goes on as soon as it has its answer. Returns what was done a second. */
export async function saturate(clients: number, forMs: number, work: Work): Promise<number> {
  const startMs = performance.now();
  let done = 0;
  const client = async (index: number): Promise<void> => {
    while (performance.now() - startMs < forMs) {
      await work(index);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, index) => client(index)));
  return (done / (performance.now() - startMs)) * 1000;
}

/**
 * Work that comes whether or not the last was answered, clients in turn. Returns how long each took, in ms, from when
 * it was due: a server (or a machine) that stalls is charged for all that piled up meanwhile.
 */
export async function arrive(
  perSecond: number,
  clients: number,
  forMs: number,
  work: Work,
): Promise<number[]> {
  const startMs = performance.now();
  const total = Math.floor((perSecond * forMs) / 1000);
  const tookMs: number[] = [];
  const pending: Promise<void>[] = [];
  const one = async (number: number, dueMs: number): Promise<void> => {
    await work(number % clients);
    tookMs.push(performance.now() - dueMs);
  };
  for (let number = 0; number < total;) {
    const due = Math.min(total, Math.ceil(((performance.now() - startMs) / 1000) * perSecond));
    for (; number < due; number += 1) pending.push(one(number, startMs + (number / perSecond) * 1000));
    await delay(1);
  }
  await Promise.all(pending);
  return tookMs;
}
