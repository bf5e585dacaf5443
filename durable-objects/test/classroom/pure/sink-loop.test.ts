import { describe, expect, test } from "vitest";
import { SinkLoop } from "../../../src/classroom/drain/sink-loop.ts";
import type { LoggedEvent, Sink, SinkOutcome } from "../../../src/sinks/sink.ts";
import { loggedOf } from "../batches.ts";
import { FakeClock } from "./clock.ts";

type Write = (batch: readonly LoggedEvent[], signal: AbortSignal) => Promise<SinkOutcome>;

const written: SinkOutcome = { kind: "written" };
const retry = (retryAfterMs?: number): SinkOutcome => ({
  kind: "retry",
  reason: "busy",
  ...(retryAfterMs !== undefined && { retryAfterMs }),
});

function newLoop(write: Write, eventCount = 3, failingSaves = 0) {
  let saves = 0;
  const clock = new FakeClock();
  const log = loggedOf(Array.from({ length: eventCount }, () => ({})));
  const cursors: number[] = [];
  const letters: number[] = [];
  const given: number[][] = [];
  const sink: Sink = {
    name: "postgres",
    write: (batch, signal) => {
      given.push(batch.map(({ version }) => version));
      return write(batch, signal);
    },
  };
  const loop = new SinkLoop(
    {
      sink,
      now: clock.now,
      random: () => 0.5,
      after: clock.after,
      read: (version, limit) => log.filter((event) => event.version > version).slice(0, limit),
      saveCursor: (_, version) => {
        saves += 1;
        if (saves <= failingSaves) throw new Error("the disk broke");
        cursors.push(version);
      },
      deadLetter: (_, { version }) => letters.push(version),
      changed: () => {},
      log: () => {},
    },
    0,
  );
  const run = () => loop.run(clock.nowMs + 20_000);
  return { clock, log, loop, cursors, letters, given, run };
}

/** Answers each write in turn, and the last answer from then on. */
function answering(...outcomes: (SinkOutcome | (() => Promise<SinkOutcome>))[]): Write {
  let next = 0;
  return async () => {
    const outcome = outcomes[Math.min(next, outcomes.length - 1)] ?? written;
    next += 1;
    return typeof outcome === "function" ? outcome() : outcome;
  };
}

test("what is pending is written in order, in batches of a thousand, and the cursor follows each", async () => {
  const { run, cursors, given, clock } = newLoop(answering(written), 2_500);
  await run();
  expect(given.map((batch) => [batch[0], batch.at(-1)])).toEqual([
    [1, 1_000],
    [1_001, 2_000],
    [2_001, 2_500],
  ]);
  expect(cursors).toEqual([1_000, 2_000, 2_500]);
  expect(clock.timers).toBe(0);
});

test("a store that is too slow for a thousand events at once is given fewer, and more again when it keeps up", async () => {
  const isSlow = { value: true };
  const { loop, clock, given } = newLoop((batch) => {
    if (!isSlow.value || batch.length <= 100) return Promise.resolve(written);
    clock.pass(8_000);
    return new Promise(() => {});
  }, 3_000);
  for (let tries = 0; tries < 10; tries += 1) {
    await loop.run(clock.nowMs);
    clock.pass(600_000);
  }
  expect(loop.cursor).toBeGreaterThan(0);
  isSlow.value = false;
  await loop.run(clock.nowMs + 20_000);
  expect(loop.cursor).toBe(3_000);
  expect(Math.max(...given.slice(-3).map(({ length }) => length))).toBeGreaterThan(100);
});

test("looking for what a store refuses ends with the run, and goes on in the next", async () => {
  const { loop, clock, letters } = newLoop((batch) => {
    clock.pass(100);
    const isBad = batch.some(({ version }) => version % 10 === 0);
    return Promise.resolve<SinkOutcome>(isBad ? { kind: "poison", reason: "bad" } : written);
  }, 1_000);
  const startMs = clock.nowMs;
  await loop.run(startMs + 5_000);
  expect(clock.nowMs - startMs).toBeLessThan(7_000);
  expect(loop.failing).toBe(false);
  while (loop.cursor < 1_000) await loop.run(clock.nowMs + 5_000);
  expect(letters).toEqual(Array.from({ length: 100 }, (_, index) => (index + 1) * 10));
});

test("a cursor that could not be saved has its batch written again, and the store is no longer failing then", async () => {
  const { loop, clock, cursors, given } = newLoop(answering(written), 3, 1);
  await loop.run(clock.nowMs + 20_000);
  expect([loop.cursor, loop.failing]).toEqual([0, true]);
  clock.pass(60_000);
  await loop.run(clock.nowMs + 20_000);
  expect([loop.cursor, loop.failing]).toEqual([3, false]);
  expect([cursors, given.length]).toEqual([[3], 2]);
});

test("the cursor stays until the store has taken the batch", async () => {
  const answer = Promise.withResolvers<SinkOutcome>();
  const { run, loop } = newLoop(() => answer.promise);
  const running = run();
  expect(loop.cursor).toBe(0);
  answer.resolve(written);
  await running;
  expect(loop.cursor).toBe(3);
});

test("a batch given by hand waits until the store has answered the drain's, and moves no cursor", async () => {
  const answer = Promise.withResolvers<SinkOutcome>();
  const { run, loop, log, given } = newLoop(answering(() => answer.promise, written));
  const running = run();
  const byHand = loop.write(log.slice(0, 1));
  await Promise.resolve();
  expect(given).toEqual([[1, 2, 3]]);
  answer.resolve(retry());
  await running;
  expect(await byHand).toEqual(written);
  expect(given).toEqual([[1, 2, 3], [1]]);
  expect(loop.cursor).toBe(0);
});

test("a call while it runs joins the run: one request at a time", async () => {
  const answer = Promise.withResolvers<SinkOutcome>();
  const { run, given } = newLoop(() => answer.promise);
  const running = [run(), run()];
  answer.resolve(written);
  await Promise.all(running);
  expect(given).toHaveLength(1);
});

test("a call that joins a run may prolong it", async () => {
  const gate = Promise.withResolvers<void>();
  const { loop, clock } = newLoop(
    answering(() => gate.promise.then(() => written), written),
    2_000,
  );
  const running = loop.run(clock.nowMs);
  void loop.run(clock.nowMs + 1);
  gate.resolve();
  await running;
  expect(loop.cursor).toBe(2_000);
});

test("a run ends when its time is over, and the next goes on from there", async () => {
  const { loop, clock } = newLoop(answering(written), 2_500);
  await loop.run(clock.nowMs);
  expect(loop.cursor).toBe(1_000);
  await loop.run(clock.nowMs + 1);
  expect(loop.cursor).toBe(2_500);
});

describe("a store that refuses", () => {
  test("is asked again only after the backoff, which doubles and is forgotten with the first success", async () => {
    const { run, loop, given, clock, cursors } = newLoop(answering(retry(), retry(), written, retry()));
    await run();
    expect(loop.failing).toBe(true);
    expect(loop.dueMs(0) - clock.nowMs).toBe(500);
    await run();
    expect(given).toHaveLength(1);
    clock.pass(500);
    await run();
    expect(loop.dueMs(0) - clock.nowMs).toBe(1_000);
    expect(cursors).toEqual([]);
    clock.pass(1_000);
    await run();
    expect(loop.failing).toBe(false);
    expect(cursors).toEqual([3]);
  });

  test("is given the time it asks for, up to ten minutes", async () => {
    const polite = newLoop(answering(retry(30_000)));
    await polite.run();
    expect(polite.loop.dueMs(0) - polite.clock.nowMs).toBe(30_000);
    polite.clock.pass(29_999);
    await polite.run();
    expect(polite.given).toHaveLength(1);
    const endless = newLoop(answering(retry(24 * 60 * 60 * 1_000)));
    await endless.run();
    expect(endless.loop.dueMs(0) - endless.clock.nowMs).toBe(600_000);
  });

  test("is due when its oldest event has waited five seconds, if it does not refuse", () => {
    const { loop, clock } = newLoop(answering(written));
    expect(loop.dueMs(clock.nowMs)).toBe(clock.nowMs + 5_000);
  });
});

test("a store that does not answer and ignores its signal is given up after eight seconds", async () => {
  let signal: AbortSignal | undefined;
  const { run, loop, clock } = newLoop((_, given) => {
    signal = given;
    return new Promise(() => {});
  });
  const running = run();
  clock.pass(7_999);
  expect(signal?.aborted).toBe(false);
  clock.pass(1);
  await running;
  expect(signal?.aborted).toBe(true);
  expect(loop.failing).toBe(true);
  expect(loop.cursor).toBe(0);
});

test("a sink that throws, at once or later, is tried again and never rejects the run", async () => {
  for (const write of [
    () => {
      throw new Error("at once");
    },
    () => Promise.reject(new Error("later")),
  ]) {
    const { run, loop, clock } = newLoop(write);
    await run();
    expect(loop.failing).toBe(true);
    expect(loop.cursor).toBe(0);
    expect(clock.timers).toBe(0);
  }
});

describe("events that a store will never take", () => {
  const poisonous = (bad: ReadonlySet<number>): { write: Write; stored: number[] } => {
    const stored: number[] = [];
    const write: Write = async (batch) => {
      if (batch.some(({ version }) => bad.has(version))) return { kind: "poison", reason: "22P02" };
      stored.push(...batch.map(({ version }) => version));
      return written;
    };
    return { write, stored };
  };

  test("one in a thousand is set aside, and all others are written exactly once and in order", async () => {
    const { write, stored } = poisonous(new Set([417]));
    const { run, loop, letters, given, log } = newLoop(write, 1_000);
    await run();
    expect(letters).toEqual([417]);
    expect(stored).toEqual(log.map(({ version }) => version).filter((version) => version !== 417));
    expect(loop.cursor).toBe(1_000);
    expect(loop.failing).toBe(false);
    expect(given.length).toBeLessThan(25);
  });

  test("wherever they are and however many, exactly they are set aside", async () => {
    const bad = new Set([1, 2, 50, 99, 100]);
    const { write, stored } = poisonous(bad);
    const { run, letters } = newLoop(write, 100);
    await run();
    expect(letters).toEqual([...bad]);
    expect(stored).toHaveLength(95);
  });

  test("do not make what was settled be written again when the store fails in between", async () => {
    const { write, stored } = poisonous(new Set([3]));
    let calls = 0;
    const { run, clock, loop, letters } = newLoop((batch, signal) => {
      calls += 1;
      return calls === 4 ? Promise.resolve(retry()) : write(batch, signal);
    }, 8);
    await run();
    clock.pass(60_000);
    await run();
    expect(loop.cursor).toBe(8);
    expect(letters).toEqual([3]);
    expect(stored).toEqual([1, 2, 4, 5, 6, 7, 8]);
  });
});

test("a fault in reading the log is a failure of this sink, not of the run", async () => {
  const clock = new FakeClock();
  const loop = new SinkLoop(
    {
      sink: { name: "influx", write: answering(written) },
      now: clock.now,
      random: () => 0.5,
      after: clock.after,
      read: () => {
        throw new Error("unreadable");
      },
      saveCursor: () => {},
      deadLetter: () => {},
      changed: () => {},
      log: () => {},
    },
    0,
  );
  await expect(loop.run(clock.nowMs)).resolves.toBeUndefined();
  expect(loop.failing).toBe(true);
});

test("a store is settled once what waits for the request under way has been answered too", async () => {
  const first = Promise.withResolvers<SinkOutcome>();
  const second = Promise.withResolvers<SinkOutcome>();
  const { loop, log, given } = newLoop(
    answering(
      () => first.promise,
      () => second.promise,
    ),
  );
  const letters = [loop.write(log.slice(0, 1)), loop.write(log.slice(1, 2))];
  let isSettled = false;
  const settled = loop.settled().then(() => (isSettled = true));
  first.resolve(written);
  await expect.poll(() => given).toEqual([[1], [2]]);
  await letters[0];
  expect(isSettled).toBe(false);
  second.resolve(written);
  await settled;
  await Promise.all(letters);
});
