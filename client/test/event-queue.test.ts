import { describe, expect, it } from "vitest";
import { EventQueue, MemoryStore, type QueueBounds } from "../src/index.ts";
import { FakePlatform } from "./fake-platform.ts";

function makeQueue(bounds?: QueueBounds): EventQueue {
  const { now, newId } = new FakePlatform();
  const store = new MemoryStore();
  return new EventQueue({ sessionId: "s", store, now, newId, ...(bounds && { bounds }) });
}

function add(queue: EventQueue, count: number): void {
  for (let index = 0; index < count; index += 1) queue.add({ eventType: "activity" });
}

const everything = (queue: EventQueue) =>
  queue.lastWords(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY).map(({ event }) => event);

describe("EventQueue", () => {
  it("forgets what is acknowledged and nothing else", () => {
    const queue = makeQueue();
    add(queue, 6);
    queue.acknowledge([
      { sessionId: "s", through: 5, missing: [[2, 3]] },
      { sessionId: "another", through: 6, missing: [] },
    ]);
    expect(everything(queue).map((event) => event.sequence)).toEqual([2, 3, 6]);
  });

  it("declares lost what the server misses and the queue no longer has, once", () => {
    const queue = makeQueue();
    add(queue, 6);
    queue.drop(queue.take(6, 1_000_000));
    const missing: [number, number][] = [[2, 4]];
    queue.acknowledge([{ sessionId: "s", through: 6, missing }]);
    queue.acknowledge([{ sessionId: "s", through: 6, missing }]);
    expect(everything(queue)).toMatchObject([{ eventType: "events_lost", sequence: 7, from: 2, to: 4 }]);
  });

  it("when it is full gives up the oldest, never those under way, and puts the declared loss first", () => {
    const queue = makeQueue({ maxEvents: 20, maxBytes: 1_000_000 });
    add(queue, 20);
    queue.take(2, 1_000_000);
    add(queue, 1);
    const [loss, ...others] = everything(queue);
    expect(loss).toMatchObject({
      eventType: "events_lost",
      from: 3,
      to: 5,
      reason: "queue_full",
      sequence: 22,
    });
    expect(others.slice(0, 3).map((event) => event.sequence)).toEqual([1, 2, 6]);
    expect(queue.lost).toBe(3);
  });

  it("lengthens a declared loss instead of declaring another", () => {
    const queue = makeQueue({ maxEvents: 20, maxBytes: 1_000_000 });
    add(queue, 40);
    const losses = everything(queue).filter((event) => event.eventType === "events_lost");
    const [first] = losses;
    expect(losses.length).toBeLessThanOrEqual(2);
    expect(first).toMatchObject({ from: 1 });
    const gone = losses.reduce((sum, { from = 0, to = 0 }) => sum + to - from + 1, 0);
    expect(gone).toBe(queue.lost);
    expect(queue.size).toBeLessThanOrEqual(20);
  });

  it("keeps to its bytes", () => {
    const queue = makeQueue({ maxEvents: 1000, maxBytes: 10_000 });
    for (let index = 0; index < 20; index += 1) queue.add({ eventType: "x", note: "y".repeat(900) });
    const bytes = everything(queue).reduce((sum, event) => sum + JSON.stringify(event).length, 0);
    expect(bytes).toBeLessThanOrEqual(10_000);
    expect(queue.lost).toBeGreaterThan(0);
  });
});
