import { expect, test } from "vitest";
import { Backlog } from "../../../src/classroom/drain/backlog.ts";
import { FakeClock } from "./clock.ts";

const gib = 1024 ** 3;

function newBacklog() {
  const clock = new FakeClock();
  const level = { bytes: 0, events: 0, looked: 0 };
  const backlog = new Backlog({
    now: clock.now,
    databaseBytes: () => {
      level.looked += 1;
      return level.bytes;
    },
    pendingEvents: () => level.events,
  });
  return { backlog, clock, level };
}

test("an hour at a class's full rate finds room", () => {
  const { backlog, level } = newBacklog();
  level.events = 3_600 * 5_000;
  level.bytes = level.events * 400;
  expect(backlog.admit()).toMatchObject({ ok: true });
});

test("what stores lack is bounded by events and by bytes; past either, more is to come again later, and then it is taken", () => {
  const full = { ok: false, refusal: { code: "backlog_full", retryAfterMs: 30_000 } };
  const { backlog, level, clock } = newBacklog();
  level.events = 20_000_000;
  expect(backlog.admit()).toMatchObject(full);
  level.events = 0;
  level.bytes = 8 * gib;
  clock.pass(1_000);
  expect(backlog.admit()).toMatchObject(full);
  level.bytes = 8 * gib - 1;
  clock.pass(1_000);
  expect(backlog.admit()).toMatchObject({ ok: true });
});

test("the database is asked for its size once a second, not at every batch; a clock that steps back doesn't stop it", () => {
  const { backlog, level, clock } = newBacklog();
  for (let batch = 0; batch < 100; batch += 1) backlog.admit();
  expect(level.looked).toBe(1);
  clock.nowMs -= 60_000;
  backlog.admit();
  expect(level.looked).toBe(2);
});

test("room is made before it runs out", () => {
  const { backlog, level } = newBacklog();
  level.bytes = 6 * gib - 1;
  expect(backlog.isCramped()).toBe(false);
  level.bytes = 6 * gib;
  expect(backlog.isCramped()).toBe(true);
  expect(backlog.admit()).toMatchObject({ ok: true });
});
