import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Sink } from "../../src/sinks/sink.ts";
import { classId } from "./events.ts";
import { openPostgres, type PostgresStore, postgresKinds, writeAll } from "./stores.ts";
import { rearranged, smallStream, wildStream } from "./streams.ts";

describe.for(postgresKinds)("any stream of events in $title", ({ kind, missing }) => {
  describe.skipIf(missing)("written", () => {
    let store: PostgresStore;
    let sink: Sink;

    beforeAll(async () => {
      store = await openPostgres(kind);
      sink = store.sinkFor(classId);
    });
    afterAll(() => store.close());

    it("ends in the same rows however it was cut, re-ordered and sent again", async () => {
      const streams = smallStream.chain((events) => fc.tuple(fc.constant(events), rearranged(events)));
      await fc.assert(
        fc.asyncProperty(streams, async ([events, batches]) => {
          await store.reset(classId);
          await writeAll(sink, events);
          const atOnce = await store.dump();
          await store.reset(classId);
          await writeAll(sink, ...batches);
          expect(await store.dump()).toBe(atOnce);
        }),
        { numRuns: 60 },
      );
    });

    it("holds each run, access and other event once", async () => {
      await fc.assert(
        fc.asyncProperty(smallStream, async (events) => {
          await store.reset(classId);
          await writeAll(sink, events, events);
          const [row] = await store.rows(
            `SELECT (SELECT count(start_event_id) + count(end_event_id) FROM cell_executions) AS runs,
                    (SELECT count(*) FROM notebook_accesses) + (SELECT count(*) FROM progress_events) AS others`,
          );
          const named = new Set<string>();
          let others = 0;
          for (const { event, studentId } of events) {
            const { eventType, executionId, sessionId, helpId } = event;
            const isRun = eventType.startsWith("cell_execution");
            const hasRow =
              (isRun && executionId !== undefined) ||
              (eventType.startsWith("session_") && sessionId !== undefined) ||
              (eventType.startsWith("help") && helpId !== undefined);
            if (!hasRow) others += 1;
            else if (isRun) named.add(`${studentId}/${executionId}/${eventType === "cell_execution_start"}`);
          }
          expect(row).toEqual({ runs: String(named.size), others: String(others) });
        }),
        { numRuns: 30 },
      );
    });

    it("is stored, whatever admission lets through", async () => {
      await fc.assert(
        fc.asyncProperty(wildStream, async (events) => {
          await store.reset(classId);
          await writeAll(sink, events);
          const written = await store.dump();
          await writeAll(sink, ...events.map((event) => [event]));
          expect(await store.dump()).toBe(written);
        }),
        { numRuns: 150 },
      );
    });
  });
});
