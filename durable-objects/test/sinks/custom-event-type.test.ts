import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { ClassState } from "../../src/classroom/state/class-state.ts";
import { fold } from "../../src/classroom/state/fold.ts";
import { noChanges } from "../../src/classroom/state/fold-context.ts";
import type { EventTypes } from "../../src/event-types/event-type.ts";
import { projectionsOf, registryOf } from "../../src/event-types/registry.ts";
import { helpRequests } from "../../src/sinks/postgres/tables.ts";
import { classId, logged, studentIds } from "./events.ts";
import { openPostgres, type PostgresStore, postgresKinds, writeAll } from "./stores.ts";

/** All that a type of one's own takes: a proctor's note of a student's question, made while the student does nothing. */
const questions: EventTypes = {
  question_noted: {
    isActivity: false,
    fold: ({ event, timeMs }, { student }) => {
      if (event.choice)
        student.checkin = { key: [timeMs, 0, event.eventId], choice: event.choice, atMs: timeMs };
    },
    project: ({ event, classId, studentId, ids, order, rows, time }) => {
      if (event.helpId === undefined) return false;
      const id = ids.shared("help_request", studentId, event.helpId);
      const identity = { id, class_id: classId, student_id: studentId, help_id: event.helpId };
      const raised = { requested_at: time, open_order: order.byTime, open_event_id: event.eventId };
      rows.put(helpRequests, { ...identity, ...raised }, order.byTime);
      return true;
    },
  },
};
const registry = registryOf([questions]);

describe("a type of one's own", () => {
  const noted = logged({ eventType: "question_noted", eventId: "q", choice: "stuck", helpId: "h" });

  function folded(types?: typeof registry) {
    const state = new ClassState();
    fold(noted, { state, changes: noChanges(), stuckAfterErrors: 3 }, types);
    return state.students.get(studentIds[0]);
  }

  test("is folded as its entry says, and counts as activity only if the entry lets it", () => {
    expect(folded(registry)).toMatchObject({ checkin: { choice: "stuck" }, activeMs: 0 });
    expect(folded()).toMatchObject({ activeMs: noted.timeMs });
    expect(folded()?.checkin).toBeUndefined();
  });

  test("cannot take the place of another", () => {
    expect(() => registryOf([questions, questions])).toThrow("registered twice");
  });

  describe.for(postgresKinds)("in $title", ({ kind, missing }) => {
    describe.skipIf(missing)("written", () => {
      let store: PostgresStore;
      beforeAll(async () => {
        store = await openPostgres(kind);
      });
      afterAll(() => store.close());
      beforeEach(() => store.reset(classId));

      async function kept() {
        const requests = await store.rows("SELECT open_event_id FROM help_requests");
        const events = await store.rows("SELECT event_id FROM progress_events");
        return {
          requests: requests.map((row) => row["open_event_id"]),
          events: events.map((row) => row["event_id"]),
        };
      }

      test("is kept by the table of its entry, and by no other", async () => {
        await writeAll(store.sinkFor(classId, projectionsOf(registry)), [noted]);
        expect(await kept()).toEqual({ requests: ["q"], events: [] });
      });

      test("is kept with its payload where its own table cannot take it, or it has none", async () => {
        const bare = logged({ eventType: "question_noted", eventId: "bare" });
        await writeAll(store.sinkFor(classId, projectionsOf(registry)), [bare]);
        await writeAll(store.sinkFor(classId), [noted]);
        expect(new Set((await kept()).events)).toEqual(new Set(["bare", "q"]));
      });
    });
  });
});
