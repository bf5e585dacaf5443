import { expect, test } from "vitest";
import { Pacer } from "../../../src/classroom/live/pacer.ts";
import { FakeClock } from "./clock.ts";

function newPacer() {
  const clock = new FakeClock();
  const startMs = clock.nowMs;
  const frames: number[] = [];
  const flush = () => frames.push(clock.nowMs - startMs);
  const pacer = new Pacer({ now: clock.now, after: clock.after, flush });
  return { clock, frames, pacer };
}

test("the first change goes out at once and leaves no timer", () => {
  const { clock, frames, pacer } = newPacer();
  pacer.changed(false);
  expect(frames).toEqual([0]);
  expect(clock.timers).toBe(0);
});

test("changes within 40 ms of a frame share the next one", () => {
  const { clock, frames, pacer } = newPacer();
  pacer.changed(false);
  for (let change = 0; change < 3; change += 1) {
    clock.pass(10);
    pacer.changed(false);
  }
  clock.pass(1_000);
  expect(frames).toEqual([0, 40]);
  expect(clock.timers).toBe(0);
});

test("what is urgent goes out at once, with all that was waiting", () => {
  const { clock, frames, pacer } = newPacer();
  pacer.changed(false);
  clock.pass(5);
  pacer.changed(false);
  clock.pass(5);
  pacer.changed(true);
  clock.pass(1_000);
  expect(frames).toEqual([0, 10]);
});

test("under steady work frames come every 40 ms for five seconds, then every 100 ms; after a rest at once again", () => {
  const { clock, frames, pacer } = newPacer();
  for (let elapsedMs = 0; elapsedMs < 8_000; elapsedMs += 5) {
    pacer.changed(false);
    clock.pass(5);
  }
  const intervals = frames.map((at, index) => at - (frames[index - 1] ?? at)).slice(1);
  const slow = intervals.findIndex((interval) => interval > 40);
  expect(new Set(intervals.slice(0, slow))).toEqual(new Set([40]));
  expect(frames[slow]).toBeGreaterThanOrEqual(5_000);
  expect(new Set(intervals.slice(slow + 1))).toEqual(new Set([100]));
  clock.pass(1_000);
  const before = frames.length;
  pacer.changed(false);
  clock.pass(1);
  pacer.changed(false);
  clock.pass(40);
  const [first = 0, second = 0] = frames.slice(before);
  expect(second - first).toBe(40);
});

test("urgent changes overtake under steady work too", () => {
  const { clock, frames, pacer } = newPacer();
  for (let elapsedMs = 0; elapsedMs < 6_000; elapsedMs += 5) {
    pacer.changed(false);
    clock.pass(5);
  }
  pacer.changed(true);
  expect(frames.at(-1)).toBe(6_000);
});
