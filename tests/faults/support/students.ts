import { randomUUID } from "node:crypto";
import {
  type EventDraft,
  EventQueue,
  MemoryStore,
  type QueuedEvent,
  Sender,
  systemPlatform,
} from "@cell-monitor/client";
import { studentFrameSchema } from "@cell-monitor/protocol";
import * as v from "valibot";
import { LiveConnection } from "./live.ts";
import { Page, type SentEvent, type TestClass } from "./test-class.ts";

/** A student whose page works on, whatever becomes of the server, and who keeps what was not acknowledged. */
export interface Student extends Disposable {
  /** All that was ever done. */
  readonly sent: readonly SentEvent[];
  readonly acknowledged: number;
  work(): void;
}

class NotingQueue extends EventQueue {
  readonly sent: SentEvent[] = [];

  override add(draft: EventDraft): QueuedEvent {
    const queued = super.add(draft);
    this.sent.push({ ...queued.event });
    return queued;
  }
}

/** A student with our own client. */
export function clientStudent(made: TestClass, token: string): Student {
  const now = () => Date.now();
  const newId = () => randomUUID();
  const queue = new NotingQueue({ sessionId: randomUUID(), store: new MemoryStore(), now, newId });
  const sender = new Sender({
    server: made.system.url,
    credentials: { token: () => token, refresh: () => Promise.resolve("refused") },
    queue,
    // A server that was killed is back in a moment.
    platform: { ...systemPlatform, random: () => Math.random() / 20 },
  });
  const page = new Page(queue.sessionId);
  return {
    sent: queue.sent,
    get acknowledged() {
      return queue.sent.length - queue.size;
    },
    work: () => {
      sender.record(page.draft());
      sender.wake();
    },
    [Symbol.dispose]: () => sender.close(),
  };
}

/** A student on a socket of the class, with a page whose events so far were acknowledged. */
export function socketStudent(made: TestClass, token: string, page: Page = new Page()): Student {
  const kept = new Map<number, SentEvent>();
  let frames = 0;
  const send = (events: readonly SentEvent[]): void => {
    frames += 1;
    connection.send({ v: 1, type: "events", id: String(frames), sentAt: new Date().toISOString(), events });
  };
  const connection = new LiveConnection(made, token, () => `?session=${page.sessionId}`, {
    open: () => {
      const events = [...kept.values()];
      for (let from = 0; from < events.length; from += 100) send(events.slice(from, from + 100));
    },
    message: (text) => {
      const frame = v.parse(studentFrameSchema, JSON.parse(text));
      if (frame.type !== "ack") return;
      const ack = frame.acks.find(({ sessionId }) => sessionId === page.sessionId);
      if (!ack) return;
      for (const sequence of kept.keys()) {
        const isMissing = ack.missing.some(([from, to]) => from <= sequence && sequence <= to);
        if (sequence <= ack.through && !isMissing) kept.delete(sequence);
      }
    },
  });
  return {
    sent: page.sent,
    get acknowledged() {
      return page.sent.length - kept.size;
    },
    work: () => {
      const events = page.next(1);
      for (const event of events) kept.set(page.sent.length, event);
      send(events);
    },
    [Symbol.dispose]: () => connection.leave(),
  };
}
