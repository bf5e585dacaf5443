import { expect, test } from "vitest";
import { nobody, withoutErased } from "../../../src/classroom/privacy/erased-log.ts";
import type { LoggedEvent } from "../../../src/sinks/sink.ts";
import { ada, loggedOf } from "../batches.ts";

test("a store is told nothing of what was erased while it waited, and is not asked where nothing is left", async () => {
  const told: (readonly LoggedEvent[])[] = [];
  const sink = withoutErased({
    name: "postgres",
    write(batch) {
      told.push(batch);
      return Promise.resolve({ kind: "retry", reason: "busy" });
    },
  });
  const { signal } = new AbortController();
  const events = loggedOf([{ studentId: nobody }, { studentId: ada }, { studentId: nobody }]);
  expect(await sink.write(events, signal)).toEqual({ kind: "retry", reason: "busy" });
  expect(told.map((batch) => batch.map(({ version }) => version))).toEqual([[2]]);
  expect(await sink.write(events.slice(0, 1), signal)).toEqual({ kind: "written" });
  expect(told).toHaveLength(1);
});
