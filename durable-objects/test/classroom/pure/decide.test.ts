import type { Batch, RefusedNumber, StampedEvent } from "@cell-monitor/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decide, recall } from "../../../src/classroom/ingest/decide.ts";
import { listedLosses, sessionKey } from "../../../src/classroom/ingest/watermarks.ts";
import type { LoggedEvent } from "../../../src/sinks/sink.ts";
import { ada, batchOf, type Fields, grace, numbered } from "../batches.ts";
import { newReceived } from "./known-sessions.ts";

function newClass() {
  const received = newReceived();
  const logged: Omit<LoggedEvent, "version">[] = [];
  const refused: RefusedNumber[] = [];
  const give = (batch: Batch, isRepeat: (event: StampedEvent) => boolean = () => false) =>
    decide(
      received,
      batch,
      isRepeat,
      (event) => logged.push(event),
      (number) => refused.push(number),
    );
  return { received, logged, refused, give };
}

test("numbered events are logged once, within a batch and between batches", () => {
  const { give, logged } = newClass();
  expect(give(batchOf([...numbered(1, 3), ...numbered(2, 2)]))).toMatchObject({ accepted: 3, duplicates: 1 });
  expect(give(batchOf(numbered(1, 4)))).toMatchObject({ accepted: 1, duplicates: 3 });
  expect(logged.map(({ event }) => event.sequence)).toEqual([1, 2, 3, 4]);
});

test("events without a number are known by their id", () => {
  const { give, logged } = newClass();
  const batch = batchOf([{ eventId: "a" }, { eventId: "b" }, { eventId: "a" }]);
  expect(give(batch)).toMatchObject({ accepted: 2, duplicates: 1, acks: [] });
  expect(give(batch)).toMatchObject({ accepted: 0, duplicates: 3 });
  expect(logged).toHaveLength(2);
});

test("no student can suppress another's events by using their session, number or id", () => {
  const { give } = newClass();
  const events = (studentId: string) =>
    batchOf([...numbered(1, 2, { studentId }), { studentId, eventId: "same" }]);
  expect(give(events(ada))).toMatchObject({ accepted: 3 });
  expect(give(events(grace))).toMatchObject({ accepted: 3, duplicates: 0 });
});

test("a refused event's number counts as received, is told on, and cannot be used again", () => {
  const { give, refused } = newClass();
  const bad = [{ studentId: ada, sessionId: "session", sequence: 2 }];
  const batch = batchOf([...numbered(1, 1), ...numbered(3, 3)], bad);
  expect(give(batch)).toMatchObject({
    accepted: 2,
    acks: [{ sessionId: "session", through: 3, missing: [] }],
  });
  expect(refused).toEqual(bad);
  expect(give(batch)).toMatchObject({ duplicates: 2 });
  expect(refused).toEqual(bad);
});

test("a refused number that jumps too far is not received", () => {
  const { give, received } = newClass();
  give(batchOf([], [{ studentId: ada, sessionId: "session", sequence: 10_001 }]));
  expect(received.sessions.size).toBe(0);
});

test("a jump is refused by name and moves nothing; those beside it are taken", () => {
  const { give } = newClass();
  const answer = give(
    batchOf([...numbered(1, 1), ...numbered(10_002, 10_002, { eventId: "far" }), ...numbered(2, 2)]),
  );
  expect(answer).toMatchObject({
    accepted: 2,
    rejected: [{ index: 1, eventId: "far", sequence: 10_002, code: "sequence_jump" }],
    acks: [{ through: 2, missing: [] }],
  });
});

test("a declaration of loss closes the gap below it, also behind a jump", () => {
  const { give } = newClass();
  give(batchOf(numbered(1, 1)));
  const lost = numbered(20_000, 20_000, { eventType: "events_lost", from: 2, to: 19_999 });
  expect(give(batchOf(lost))).toMatchObject({ accepted: 1, acks: [{ through: 20_000, missing: [] }] });
});

test("an event that arrives after it was declared lost is logged, once, and what was logged recalls the same marks", () => {
  const { give, logged, received } = newClass();
  give(batchOf(numbered(1, 1)));
  give(batchOf(numbered(5, 5, { eventType: "events_lost", from: 2, to: 4 })));
  expect(give(batchOf(numbered(3, 3)))).toMatchObject({ accepted: 1, acks: [{ through: 5, missing: [] }] });
  expect(give(batchOf(numbered(3, 3)))).toMatchObject({ duplicates: 1 });
  expect(logged.map(({ event }) => event.sequence)).toEqual([1, 5, 3]);
  const recalled = newReceived();
  recall(recalled, logged, []);
  expect(recalled.sessions).toEqual(received.sessions);
});

test("a declaration of loss that is no range, or claims its own number or later ones, closes nothing else", () => {
  for (const [from, to] of [
    [0, 3],
    [3, 2],
    [2, 5],
    [2, undefined],
  ]) {
    const { give } = newClass();
    const loss: Fields = {
      eventType: "events_lost",
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
    };
    expect(give(batchOf(numbered(5, 5, loss)))).toMatchObject({ acks: [{ through: 5, missing: [[1, 4]] }] });
  }
});

test("a reminder is answered and neither logged nor remembered; a numbered one is logged", () => {
  const { give, logged } = newClass();
  const reminder = batchOf([{ eventType: "help", eventId: "again" }]);
  expect(give(reminder, () => true)).toMatchObject({ accepted: 1 });
  expect(give(reminder, () => true)).toMatchObject({ accepted: 1, duplicates: 0 });
  expect(logged).toEqual([]);
  give(batchOf(numbered(1, 1, { eventType: "help" })), () => true);
  expect(logged).toHaveLength(1);
});

test("however a stream is cut and repeated, each event is logged once, and what was logged recalls the same marks", () => {
  const arrivals = fc.array(
    fc.tuple(
      fc.constantFrom("a", "b"),
      fc.constantFrom(ada, grace),
      fc.integer({ min: 1, max: 30 }),
      fc.nat({ max: 9 }),
    ),
    { minLength: 1, maxLength: 80 },
  );
  fc.assert(
    fc.property(
      arrivals,
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 80, maxLength: 80 }),
      (stream, sizes) => {
        const { give, logged, refused, received } = newClass();
        const rest = [...stream];
        for (const size of sizes) {
          const events: Fields[] = [];
          const bad: RefusedNumber[] = [];
          for (const [sessionId, studentId, sequence, kind] of rest.splice(0, size)) {
            if (kind === 0) bad.push({ sessionId, studentId, sequence });
            else
              events.push({ sessionId, studentId, sequence, eventId: `${sessionId}${studentId}${sequence}` });
          }
          give(batchOf(events, bad));
        }
        const ids = logged.map(({ event }) => event.eventId);
        expect(new Set(ids).size).toBe(ids.length);
        const recalled = newReceived();
        recall(recalled, logged, refused);
        expect(recalled.sessions).toEqual(received.sessions);
      },
    ),
  );
});

test("a session's numbers and times agree, however its batches' corrected times jitter", () => {
  const { give, logged } = newClass();
  give(batchOf([...numbered(1, 1, { timeMs: 5_000 }), ...numbered(2, 2, { timeMs: 4_000 })]));
  give(batchOf(numbered(4, 4, { timeMs: 4_500 })));
  give(batchOf(numbered(3, 3, { timeMs: 4_200 })));
  give(batchOf(numbered(5, 5, { timeMs: 6_000 })));
  expect(logged.map(({ event, timeMs }) => [event.sequence, timeMs])).toEqual([
    [1, 5_000],
    [2, 5_000],
    [4, 5_000],
    [3, 4_200],
    [5, 6_000],
  ]);
});

test("of a session that is forgotten but for its name every event is refused by name, and nobody else's", () => {
  const { give, logged, refused, received } = newClass();
  received.sessions.forgotten.add(sessionKey(ada, "session"));
  const old = [{ studentId: ada, sessionId: "session", sequence: 9 }];
  const answer = give(batchOf([...numbered(1, 2), ...numbered(1, 1, { studentId: grace })], old));
  expect(answer).toMatchObject({
    accepted: 1,
    rejected: [
      { index: 0, sequence: 1, code: "session_expired" },
      { index: 1, sequence: 2, code: "session_expired" },
    ],
    acks: [{ sessionId: "session", through: 1 }],
  });
  expect(logged.map(({ studentId }) => studentId)).toEqual([grace]);
  expect(refused).toEqual([]);
});

test("a number of which nobody can tell any more whether it had arrived is refused by name, and waited for no longer", () => {
  const { give, logged } = newClass();
  const losses: Fields[] = [];
  for (let sequence = 3; losses.length <= listedLosses; sequence += 2) {
    losses.push({
      ...numbered(sequence, sequence)[0],
      eventType: "events_lost",
      from: sequence - 1,
      to: sequence - 1,
    });
  }
  give(batchOf([...numbered(1, 1), ...losses]));
  const count = logged.length;
  expect(give(batchOf(numbered(2, 2)))).toMatchObject({
    accepted: 0,
    duplicates: 0,
    rejected: [{ sequence: 2, code: "session_expired" }],
    acks: [{ missing: [] }],
  });
  expect(give(batchOf(numbered(4, 4)))).toMatchObject({ accepted: 1, rejected: [] });
  expect(logged).toHaveLength(count + 1);
});

test("what comes after an event in number is not before it in time, though a declared loss overtook it", () => {
  const { give, logged, received } = newClass();
  const at = (sequence: number, timeMs: number, fields: Fields = {}) =>
    numbered(sequence, sequence, { timeMs, ...fields });
  give(batchOf(at(1, 10_000)));
  const loss = at(4, 9_500, { eventType: "events_lost", from: 2, to: 2 });
  give(batchOf([...loss, ...at(3, 9_000)]));
  expect(logged.map(({ event, timeMs }) => [event.sequence, timeMs])).toEqual([
    [1, 10_000],
    [4, 10_000],
    [3, 10_000],
  ]);
  const known = newReceived();
  recall(
    known,
    logged.map((event, index) => ({ ...event, version: index + 1 })),
    [],
  );
  expect(known.sessions.get(sessionKey(ada, "session"))).toEqual(
    received.sessions.get(sessionKey(ada, "session")),
  );
});
