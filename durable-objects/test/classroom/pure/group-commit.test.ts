import { expect, test, vi } from "vitest";
import type { Batch } from "@cell-monitor/protocol";
import type { Decision } from "../../../src/classroom/ingest/decide.ts";
import { GroupCommit } from "../../../src/classroom/ingest/group-commit.ts";
import { batchOf } from "../batches.ts";

const decisionFor = (batch: Batch): Decision => ({
  accepted: batch.events.length,
  duplicates: 0,
  rejected: [],
  acks: [],
});

/** A disk that answers when it is told to. */
function newDisk() {
  const groups: number[][] = [];
  const syncs: PromiseWithResolvers<void>[] = [];
  const abort = vi.fn<(reason: unknown) => void>();
  const commit = vi.fn((batches: readonly Batch[]) => {
    groups.push(batches.map(({ events }) => events.length));
    return batches.map(decisionFor);
  });
  const commits = new GroupCommit({
    commit,
    sync: () => {
      const sync = Promise.withResolvers<void>();
      syncs.push(sync);
      return sync.promise;
    },
    nextTurn: () => Promise.resolve(),
    abort,
  });
  return { commits, groups, syncs, abort, commit };
}

const batch = (size: number) => batchOf(Array.from({ length: size }, () => ({})));

test("what arrives in the same turn is one commit, and each is answered its own", async () => {
  const { commits, groups } = newDisk();
  const answers = await Promise.all([commits.add(batch(1)), commits.add(batch(2)), commits.add(batch(3))]);
  expect(answers.map((answer) => answer.ok && answer.value.accepted)).toEqual([1, 2, 3]);
  expect(groups).toEqual([[1, 2, 3]]);
});

test("what arrives while the disk is busy waits for it, and is then one commit in the order of arrival", async () => {
  const { commits, groups, syncs } = newDisk();
  await commits.add(batch(1));
  const later = [commits.add(batch(2)), commits.add(batch(3))];
  await Promise.resolve();
  expect(groups).toEqual([[1]]);
  syncs[0]?.resolve();
  await Promise.all(later);
  expect(groups).toEqual([[1], [2, 3]]);
});

test("it goes on after having been idle", async () => {
  const { commits, groups, syncs } = newDisk();
  await commits.add(batch(1));
  syncs[0]?.resolve();
  await vi.waitFor(() => expect(syncs).toHaveLength(1));
  await commits.add(batch(2));
  expect(groups).toEqual([[1], [2]]);
});

test("when a commit fails, nobody in it nor behind it is acknowledged, and the object starts over", async () => {
  const { commits, abort, commit, syncs } = newDisk();
  await commits.add(batch(1));
  const broken = new Error("broken");
  commit.mockImplementationOnce(() => {
    throw broken;
  });
  const failed = [commits.add(batch(2)), commits.add(batch(3))].map((answer) =>
    answer.catch((error: unknown) => error),
  );
  syncs[0]?.resolve();
  expect(await Promise.all(failed)).toEqual([broken, broken]);
  await vi.waitFor(() => expect(abort).toHaveBeenCalledExactlyOnceWith(broken));
});

test("when the disk fails, those who wait for it are not acknowledged, and the object starts over", async () => {
  const { commits, abort, syncs, groups } = newDisk();
  await commits.add(batch(1));
  const waiting = commits.add(batch(2)).catch((error: unknown) => error);
  const broken = new Error("no disk");
  syncs[0]?.reject(broken);
  expect(await waiting).toBe(broken);
  expect(abort).toHaveBeenCalledExactlyOnceWith(broken);
  expect(groups).toEqual([[1]]);
});

test("while the disk hangs no more waits than fits into memory, by events, batches and size; the rest is to come again", async () => {
  const large = { ...batch(1), units: 1024 * 1024 };
  for (const [each, fits] of [
    [{ ...batch(100), units: 10_000 }, 300],
    [batch(1), 10_000],
    [large, 16],
  ] as const) {
    const { commits, groups, syncs } = newDisk();
    await commits.add(batch(1));
    const answers = Array.from({ length: fits + 2 }, () => commits.add(each));
    expect(await Promise.all(answers.slice(fits))).toEqual(
      Array.from({ length: 2 }, () => ({
        ok: false,
        refusal: expect.objectContaining({ code: "rate_limited", retryAfterMs: expect.any(Number) }),
      })),
    );
    syncs[0]?.resolve();
    expect((await Promise.all(answers.slice(0, fits))).every(({ ok }) => ok)).toBe(true);
    expect(groups[1]).toHaveLength(fits);
    syncs[1]?.resolve();
    await vi.waitFor(() => expect(commits.add(each)).resolves.toMatchObject({ ok: true }));
  }
});

test("a batch that is larger than all that may wait is taken when nothing does", async () => {
  const { commits } = newDisk();
  expect(await commits.add({ ...batch(1), units: 100 * 1024 * 1024 })).toMatchObject({ ok: true });
});
