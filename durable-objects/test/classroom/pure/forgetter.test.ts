import * as v from "valibot";
import { expect, test, vi } from "vitest";
import { Forgetter } from "../../../src/classroom/drain/forgetter.ts";
import type { ForgetOutcome, Sink } from "../../../src/sinks/sink.ts";
import { FakeClock } from "./clock.ts";

const minuteMs = 60_000;

/** What a class keeps, which outlives its instances. */
class FakeMeta {
  readonly values = new Map<string, unknown>();

  read<Schema extends v.GenericSchema>(key: string, schema: Schema): v.InferOutput<Schema> | undefined {
    return this.values.has(key) ? v.parse(schema, this.values.get(key)) : undefined;
  }

  write(key: string, value: unknown): void {
    this.values.set(key, value);
  }
}

function newForgetter(
  answer: (beforeMs: number) => Promise<ForgetOutcome> | ForgetOutcome,
  meta = new FakeMeta(),
) {
  const clock = new FakeClock();
  const asked: number[] = [];
  const sinks: Sink[] = [
    { name: "influx", write: () => Promise.resolve({ kind: "written" }) },
    {
      name: "postgres",
      write: () => Promise.resolve({ kind: "written" }),
      forget: async (beforeMs) => {
        asked.push(beforeMs);
        return answer(beforeMs);
      },
    },
  ];
  const { now, after } = clock;
  const make = () => new Forgetter({ meta, sinks, now, after, random: () => 0.5, report: () => undefined });
  return { clock, asked, make, forgetter: make(), later: () => clock.nowMs + minuteMs };
}

test("a store is asked until it has forgotten all, and then there is nothing to come back for", async () => {
  let left = 3;
  const { forgetter, asked, later, clock } = newForgetter(() => ({
    kind: (left -= 1) > 0 ? "more" : "done",
  }));
  expect(forgetter.dueMs()).toBeUndefined();
  forgetter.order(1_000);
  expect(forgetter.dueMs()).toBe(clock.nowMs);
  await forgetter.run(later());
  expect(asked).toEqual([1_000, 1_000, 1_000]);
  expect(forgetter.dueMs()).toBeUndefined();
  expect(clock.timers).toBe(0);
});

test("work that is not done in its time goes on the next time, and in the next instance", async () => {
  const { forgetter, asked, make, clock } = newForgetter(() => {
    clock.pass(10_000);
    return { kind: "more" };
  });
  forgetter.order(1_000);
  await forgetter.run(clock.nowMs + 25_000);
  expect(asked).toHaveLength(3);
  const next = make();
  expect(next.dueMs()).toBe(clock.nowMs);
  await next.run(clock.nowMs);
  expect(asked).toHaveLength(4);
});

test("a store that is away is asked again after minutes, then hours, and never more often than that", async () => {
  const { forgetter, asked, clock, later } = newForgetter(() => ({ kind: "retry", reason: "away" }));
  forgetter.order(1_000);
  const waits: number[] = [];
  for (let turn = 0; turn < 12; turn += 1) {
    await forgetter.run(later());
    const waitMs = (forgetter.dueMs() ?? 0) - clock.nowMs;
    waits.push(waitMs / minuteMs);
    clock.pass(waitMs - 1);
    await forgetter.run(later());
    expect(asked).toHaveLength(turn + 1);
    clock.pass(1);
  }
  expect(waits.slice(0, 3)).toEqual([3.75, 7.5, 15]);
  expect(waits.at(-1)).toBe(270);
});

test("a store that hangs is given up in its deadline, and heeded when it says when to come back", async () => {
  const hanging = newForgetter(() => new Promise(() => undefined));
  hanging.forgetter.order(1_000);
  const run = hanging.forgetter.run(hanging.later());
  await vi.waitFor(() => expect(hanging.clock.timers).toBe(1), { interval: 1 });
  hanging.clock.pass(8_000);
  await run;
  expect(hanging.forgetter.dueMs()).toBeGreaterThan(hanging.clock.nowMs);
  const busy = newForgetter(() => ({ kind: "retry", reason: "429", retryAfterMs: 30 * minuteMs }));
  busy.forgetter.order(1_000);
  await busy.forgetter.run(busy.later());
  expect(busy.forgetter.dueMs()).toBe(busy.clock.nowMs + 30 * minuteMs);
});

test("a later order takes the place of an earlier one, also of one that is being done", async () => {
  const { forgetter, asked, later } = newForgetter((beforeMs) => {
    if (beforeMs === 1_000) forgetter.order(2_000);
    return { kind: "done" };
  });
  forgetter.order(1_000);
  await forgetter.run(later());
  expect(forgetter.dueMs()).toBeDefined();
  await forgetter.run(later());
  expect(asked).toEqual([1_000, 2_000]);
  expect(forgetter.dueMs()).toBeUndefined();
});

test("stores that forget by themselves are given no order, and wake nobody", () => {
  const meta = new FakeMeta();
  const clock = new FakeClock();
  const sinks: Sink[] = [{ name: "influx", write: () => Promise.resolve({ kind: "written" }) }];
  const { now, after } = clock;
  const forgetter = new Forgetter({ meta, sinks, now, after, random: () => 0, report: () => undefined });
  forgetter.order(1_000);
  expect(forgetter.dueMs()).toBeUndefined();
  expect(meta.values.size).toBe(0);
});
