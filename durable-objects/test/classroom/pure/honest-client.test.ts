import type { Batch, RefusedNumber, SessionAck } from "@cell-monitor/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Decision, decide, recall } from "../../../src/classroom/ingest/decide.ts";
import type { LoggedEvent } from "../../../src/sinks/sink.ts";
import { ada, batchOf, type Fields, grace } from "../batches.ts";
import { newReceived } from "./known-sessions.ts";

const batchEvents = 8;

/** A class whose memory can be lost, but for its log and its last checkpoint. */
class TestClass {
  readonly logged: Omit<LoggedEvent, "version">[] = [];
  #received = newReceived();
  #refused: RefusedNumber[] = [];
  #checkpoint = { sessions: "[]", logged: 0 };

  take(batch: Batch): Decision {
    return decide(
      this.#received,
      batch,
      () => false,
      (event) => this.logged.push(event),
      (number) => this.#refused.push(number),
    );
  }

  checkpoint(): void {
    this.#checkpoint = { sessions: JSON.stringify([...this.#received.sessions]), logged: this.logged.length };
    this.#refused = [];
  }

  restart(): void {
    this.#received = newReceived(JSON.parse(this.#checkpoint.sessions));
    recall(this.#received, [], this.#refused);
    recall(this.#received, this.logged.slice(this.#checkpoint.logged), []);
  }
}

/**
 * A session's sender that keeps to the protocol: what it holds leaves only when it is acknowledged or refused by name.
 * One whose page is gone can still send what is left of its events, and declare nothing.
 */
class HonestClient {
  readonly held = new Map<number, Fields>();
  readonly refused: number[] = [];
  readonly #identity: Pick<Fields, "studentId" | "sessionId">;
  readonly #declared: [from: number, to: number][] = [];
  readonly #isOver: boolean;
  #last = 0;

  constructor(studentId: string, sessionId: string, isOver: boolean) {
    this.#identity = { studentId, sessionId };
    this.#isOver = isOver;
  }

  add(fields: Fields = {}): void {
    this.#last += 1;
    const { studentId, sessionId } = this.#identity;
    const eventId = `${studentId}/${sessionId}/${this.#last}`;
    this.held.set(this.#last, { ...this.#identity, ...fields, eventId, sequence: this.#last });
  }

  /** Loses a number from its storage, unsent. */
  lose(sequence: number): void {
    this.held.delete(sequence);
  }

  batch(skip: number): Fields[] {
    return [...this.held.values()].slice(skip, skip + batchEvents);
  }

  hear(sent: readonly Fields[], { acks, rejected }: Decision): void {
    for (const { index, code } of rejected) {
      const { sequence } = sent[index] ?? {};
      if (code === "sequence_jump" || sequence === undefined) continue;
      this.held.delete(sequence);
      this.refused.push(sequence);
    }
    for (const ack of acks) this.#acknowledge(ack);
  }

  #acknowledge({ through, missing }: SessionAck): void {
    for (const sequence of this.held.keys()) {
      const isMissing = missing.some(([from, to]) => from <= sequence && sequence <= to);
      if (sequence <= through && !isMissing) this.held.delete(sequence);
    }
    if (this.#isOver) return;
    for (const [from, to] of missing) {
      for (let sequence = from; sequence <= to; sequence += 1) {
        const isKnown =
          this.held.has(sequence) ||
          this.#declared.some(([first, last]) => first <= sequence && sequence <= last);
        if (isKnown) continue;
        this.#declared.push([sequence, sequence]);
        this.add({ eventType: "events_lost", from: sequence, to: sequence });
      }
    }
  }
}

const clientArbitrary = fc.record({
  studentId: fc.constantFrom(ada, grace),
  events: fc.integer({ min: 1, max: 90 }),
  lost: fc.oneof(
    fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 80 }),
    // Gaps of which no acknowledgement can list all.
    fc
      .integer({ min: 2, max: 4 })
      .map((step) => Array.from({ length: 45 }, (_, index) => step * (index + 1))),
  ),
  isOver: fc.boolean(),
});
const stepArbitrary = fc.record({
  client: fc.nat({ max: 2 }),
  skip: fc.nat({ max: 60 }),
  fate: fc.constantFrom("answered", "answer lost", "lost", "twice", "checkpoint", "restart"),
});

test("an honest client gets rid of all it holds, whatever it lost and however its batches fared; each event is logged once", () => {
  fc.assert(
    fc.property(
      fc.array(clientArbitrary, { minLength: 1, maxLength: 3 }),
      fc.array(stepArbitrary, { maxLength: 40 }),
      (plans, steps) => {
        const room = new TestClass();
        const clients = plans.map(({ studentId, events, lost, isOver }, index) => {
          // A student's tabs have sessions of their own; another student's may be called the same.
          const tab = plans.slice(0, index).filter((other) => other.studentId === studentId).length;
          const client = new HonestClient(studentId, `tab-${tab}`, isOver);
          for (let count = 0; count < events; count += 1) client.add();
          for (const sequence of lost) client.lose(sequence);
          return client;
        });
        const sent = clients.map((client) => [...client.held.values()].map(({ eventId }) => eventId));
        const exchange = (client: HonestClient, skip: number, fate = "answered") => {
          const fields = client.batch(skip);
          if (fields.length === 0 || fate === "lost") return;
          const batch = batchOf(fields, [], 1_700_000_000_000);
          if (fate === "twice") room.take(batch);
          const decision = room.take(batch);
          if (fate !== "answer lost") client.hear(fields, decision);
        };
        for (const { client: index, skip, fate } of steps) {
          const client = clients[index % clients.length];
          if (fate === "checkpoint") room.checkpoint();
          else if (fate === "restart") room.restart();
          else if (client) exchange(client, skip, fate);
        }
        for (let round = 0; round < 200 && clients.some(({ held }) => held.size > 0); round += 1) {
          for (const client of clients) exchange(client, 0);
        }
        expect(clients.map(({ held }) => held.size)).toEqual(clients.map(() => 0));
        expect(clients.flatMap(({ refused }) => refused)).toEqual([]);
        const ids = room.logged.map(({ event }) => event.eventId);
        expect(new Set(ids).size).toBe(ids.length);
        // Nothing left a queue that is not in the log.
        expect(sent.flat().filter((id) => !ids.includes(id ?? ""))).toEqual([]);
      },
    ),
    { numRuns: 400 },
  );
});
