import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { LoggedEvent } from "../../src/sinks/sink.ts";
import { classId, logged, startMs } from "./events.ts";
import { openPostgres, postgresKinds, type PostgresStore, writeAll } from "./stores.ts";

const dayMs = 24 * 60 * 60 * 1000;
const otherClass = "0192aaaa-0000-7000-8000-000000000002";
const signal = () => AbortSignal.timeout(30_000);

/** A day's work of a student, that many days before the start. */
function day(daysAgo: number): LoggedEvent[] {
  const eventTime = new Date(startMs - daysAgo * dayMs).toISOString();
  const at = { eventTime, sessionId: `session-${daysAgo}`, notebookPath: "a.ipynb" };
  return [
    logged({ eventType: "session_start", ...at }),
    logged({ eventType: "notebook_open", ...at }),
    logged({
      eventType: "cell_execution_complete",
      executionId: `x-${daysAgo}`,
      status: "ok",
      cellId: "c1",
      ...at,
    }),
    logged({ eventType: "checkin", choice: "done", ...at }),
    logged({ eventType: "help", helpId: `help-${daysAgo}`, ...at }),
    logged({ eventType: "help_stop", helpId: `help-${daysAgo}`, ...at }),
  ];
}

describe.each(postgresKinds)("what $title keeps", ({ kind, missing }) => {
  describe.skipIf(missing)("when it is old", () => {
    let store: PostgresStore;

    beforeAll(async () => {
      store = await openPostgres(kind);
    });
    afterAll(() => store.close());
    beforeEach(() => store.reset(classId));

    const counts = async (of = classId) => {
      const tables = ["cell_executions", "progress_events", "notebook_accesses", "help_requests", "sessions"];
      const found = await Promise.all(
        tables.map((table) => store.rows(`SELECT count(*) AS n FROM ${table} WHERE class_id = $1`, [of])),
      );
      return found.map(([row]) => Number(row?.["n"]));
    };

    it("goes with its class's retention, and nothing that is younger or another class's", async () => {
      await store.rows("INSERT INTO classes (id, class_code, name) VALUES ($1, 'OTHER', 'Other')", [
        otherClass,
      ]);
      const sink = store.sinkFor(classId);
      await writeAll(sink, [...day(40), ...day(31), ...day(1)]);
      await writeAll(store.sinkFor(otherClass), day(40));
      expect(await counts()).toEqual([3, 3, 3, 3, 3]);
      expect(await sink.forget?.(startMs - 30 * dayMs, signal())).toEqual({ kind: "done" });
      expect(await counts()).toEqual([1, 1, 1, 1, 1]);
      expect(await counts(otherClass)).toEqual([1, 1, 1, 1, 1]);
      const kept = await store.rows("SELECT count(*) AS n FROM notebooks WHERE class_id = $1", [classId]);
      expect(Number(kept[0]?.["n"])).toBe(1);
    });

    it("leaves a hand up that is still up", async () => {
      const eventTime = new Date(startMs - 40 * dayMs).toISOString();
      const sink = store.sinkFor(classId);
      await writeAll(sink, [logged({ eventType: "help", helpId: "open", eventTime })]);
      await sink.forget?.(startMs, signal());
      expect((await counts())[3]).toBe(1);
    });

    it("is removed a part at a time, and says whether there is more", async () => {
      const sink = store.sinkFor(classId);
      await writeAll(sink, day(40));
      await store.rows(
        `INSERT INTO progress_events (id, class_id, student_id, event_id, event_type, event_time, client_time, payload)
         SELECT gen_random_uuid(), class_id, student_id, 'copy-' || n, event_type, event_time, client_time, payload
         FROM progress_events, generate_series(1, 4500) n WHERE class_id = $1`,
        [classId],
      );
      const outcomes: unknown[] = [];
      for (let asked = 0; asked < 4 && outcomes.at(-1) !== "done"; asked += 1) {
        outcomes.push((await sink.forget?.(startMs, signal()))?.kind);
      }
      expect(outcomes).toEqual(["more", "more", "done"]);
      expect((await counts())[1]).toBe(0);
    });

    it("waits for a database that does not answer", async () => {
      const gone = store.sinkFor(classId);
      const outcome = await gone.forget?.(startMs, AbortSignal.abort());
      expect(outcome).toMatchObject({ kind: "retry" });
    });
  });
});
