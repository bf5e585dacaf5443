import type { SinkName } from "@cell-monitor/protocol";
import { expect, test } from "vitest";
import { Replayer, replayBudgetMs } from "../../../src/classroom/drain/replayer.ts";
import type { LetterChoice } from "../../../src/classroom/storage/dead-letters.ts";
import type { LoggedEvent, SinkOutcome } from "../../../src/sinks/sink.ts";
import { loggedOf } from "../batches.ts";
import { FakeClock } from "./clock.ts";

const written: SinkOutcome = { kind: "written" };
const poison: SinkOutcome = { kind: "poison", reason: "still too long" };
const retry: SinkOutcome = { kind: "retry", reason: "busy" };

/** Letters 1 to `count`; their events have the same numbers. The even ones are Influx's where there are two sinks. */
function newReplayer(
  write: (event: LoggedEvent, sink: SinkName) => Promise<SinkOutcome> | SinkOutcome,
  count = 3,
  sinkCount = 1,
) {
  const clock = new FakeClock();
  const sinkOf = (id: number): SinkName => (sinkCount === 2 && id % 2 === 0 ? "influx" : "postgres");
  const letters = new Map(
    loggedOf(Array.from({ length: count }, () => ({}))).map((event) => [
      event.version,
      { event, reason: "too long" },
    ]),
  );
  const given: number[] = [];
  let changes = 0;
  const replayer = new Replayer({
    letters: {
      pick: ({ sink, ids }: LetterChoice, limit) =>
        Array.from(letters.keys(), (id) => ({ id, sink: sinkOf(id) }))
          .filter((letter) => sink === undefined || letter.sink === sink)
          .filter(({ id }) => ids === undefined || ids.includes(id))
          .slice(0, limit),
      read: (id) => letters.get(id)?.event,
      refused: (id, reason) => {
        const letter = letters.get(id);
        if (letter) letter.reason = reason;
      },
      remove: (id) => letters.delete(id),
    },
    write: async (sink, event) => {
      given.push(event.version);
      return write(event, sink);
    },
    now: clock.now,
    changed: () => (changes += 1),
  });
  return { replayer, letters, given, clock, changes: () => changes };
}

test("what the store takes now is no dead letter any more", async () => {
  const { replayer, letters, given, changes } = newReplayer(() => written);
  expect(await replayer.replay({})).toEqual({ ok: true, value: { replayed: 3, kept: [] } });
  expect(given).toEqual([1, 2, 3]);
  expect(letters.size).toBe(0);
  expect(changes()).toBe(1);
});

test("what the store refuses again stays with the new reason, and holds up no other", async () => {
  const { replayer, letters } = newReplayer(({ version }) => (version === 2 ? poison : written));
  expect(await replayer.replay({})).toEqual({
    ok: true,
    value: { replayed: 2, kept: [{ id: 2, reason: "still too long" }] },
  });
  expect(Array.from(letters, ([id, { reason }]) => [id, reason])).toEqual([[2, "still too long"]]);
});

test("a store that is away is asked once, and what it said of its letters before still stands", async () => {
  const { replayer, letters, given } = newReplayer(() => retry);
  expect(await replayer.replay({})).toEqual({
    ok: true,
    value: {
      replayed: 0,
      kept: [
        { id: 1, reason: "busy" },
        { id: 2, reason: "Not tried: busy" },
        { id: 3, reason: "Not tried: busy" },
      ],
    },
  });
  expect(given).toEqual([1]);
  expect(Array.from(letters.values(), ({ reason }) => reason)).toEqual(["too long", "too long", "too long"]);
});

test("a store that is away does not keep the other's letters", async () => {
  const { replayer } = newReplayer((_, sink) => (sink === "influx" ? retry : written), 4, 2);
  expect(await replayer.replay({})).toMatchObject({
    value: { replayed: 2, kept: [{ id: 2 }, { id: 4 }] },
  });
});

test("a call offers a hundred letters and no more", async () => {
  const { replayer, given } = newReplayer(() => written, 150);
  expect(await replayer.replay({})).toMatchObject({ value: { replayed: 100 } });
  expect(given).toHaveLength(100);
});

test("nothing is begun once the time is over", async () => {
  const replay = newReplayer(() => {
    replay.clock.pass(replayBudgetMs);
    return written;
  });
  expect(await replay.replayer.replay({})).toMatchObject({
    value: { replayed: 1, kept: [{ id: 2 }, { id: 3 }] },
  });
  expect(replay.given).toEqual([1]);
});

test("while a replay to a store is under way another is refused, one to the other store is not", async () => {
  const answer = Promise.withResolvers<SinkOutcome>();
  const { replayer, given } = newReplayer(
    (_, sink) => (sink === "postgres" ? answer.promise : written),
    2,
    2,
  );
  const first = replayer.replay({ sink: "postgres" });
  expect(await replayer.replay({})).toMatchObject({ ok: false, refusal: { code: "conflict" } });
  expect(await replayer.replay({ sink: "influx" })).toMatchObject({ ok: true, value: { replayed: 1 } });
  answer.resolve(written);
  expect(await first).toMatchObject({ value: { replayed: 1 } });
  expect(given).toEqual([1, 2]);
  expect(await replayer.replay({})).toMatchObject({ ok: true });
});

test("a write that throws leaves its letter, and the store free for the next replay", async () => {
  let isBroken = true;
  const { replayer, letters } = newReplayer(() => {
    if (isBroken) throw new Error("broken");
    return written;
  });
  await expect(replayer.replay({})).rejects.toThrow("broken");
  expect(letters.size).toBe(3);
  isBroken = false;
  expect(await replayer.replay({})).toMatchObject({ value: { replayed: 3 } });
});
