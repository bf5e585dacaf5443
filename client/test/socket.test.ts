import type { EventsAnswer, Rejection } from "@cell-monitor/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Sender, type SenderFault } from "../src/index.ts";
import { FakePlatform } from "./fake-platform.ts";
import { FakeServer, sequencesOf } from "./fake-server.ts";
import { FakeSockets, numbersOf, type SentFrame } from "./fake-sockets.ts";

let server: FakeServer;
let sockets: FakeSockets;
let platform: FakePlatform;
let sender: Sender;
let faults: SenderFault[];
let rejections: Rejection[];
let notifications: EventsAnswer["notifications"];

function record(count = 1): void {
  for (let index = 0; index < count; index += 1) sender.record({ eventType: "activity" });
}

/** Records, and sends it in a frame of its own. */
function send(count = 1): SentFrame {
  record(count);
  platform.advance(20);
  const frame = sockets.current.frames.at(-1);
  if (!frame) throw new Error("Nothing was sent.");
  return frame;
}

/** Lets what promises still have to do be done. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

const account = (through: number, missing: [number, number][] = []) => ({
  sessionId: sender.sessionId,
  through,
  missing,
});

async function acknowledge(frame: SentFrame, through: number, missing: [number, number][] = []) {
  sockets.current.ack([frame.id], account(through, missing));
  await settle();
}

beforeEach(async () => {
  server = new FakeServer();
  platform = new FakePlatform();
  sockets = new FakeSockets();
  faults = [];
  rejections = [];
  notifications = [];
  sender = new Sender({
    server: await server.listen(),
    classId: "class-1",
    platform: Object.assign(platform, { openSocket: sockets.open }),
    credentials: { token: () => "token-1", refresh: () => Promise.resolve("unavailable") },
    onFault: (fault) => faults.push(fault),
    onRejected: (refused) => rejections.push(...refused),
    onNotifications: (told) => notifications.push(...told),
  });
  sockets.current.accept();
});

afterEach(() => {
  sender.close();
  server.close();
});

describe("a socket", () => {
  it("is opened for the page's session, with the token beside the protocol's name", () => {
    const { url, protocols } = sockets.current;
    expect(url.protocol).toBe("ws:");
    expect(url.pathname).toBe("/api/v1/live/class-1");
    expect(url.searchParams.get("session")).toBe(sender.sessionId);
    expect(protocols).toEqual(["cell-monitor.v1", "bearer.token-1"]);
    expect(sender.state.transport).toBe("socket");
  });

  it("carries the events of a moment in one frame, and nothing goes by HTTP", async () => {
    const frame = send(3);
    expect(frame).toMatchObject({ type: "events", v: 1, sentAt: "2026-11-22T10:00:00.020Z" });
    expect(numbersOf(frame)).toEqual([1, 2, 3]);
    await acknowledge(frame, 3);
    expect(sender.state).toMatchObject({ unsent: 0, link: "connected" });
    expect(server.requests).toEqual([]);
  });

  it("does not let an error or a raised hand wait for company", () => {
    sender.record({ eventType: "help", helpId: "h" });
    platform.advance(0);
    expect(sockets.current.frames).toHaveLength(1);
  });

  it("brings what the class has to say", () => {
    const told = { type: "help_state", helpId: "h", state: "waiting", position: 2 };
    sockets.current.say(told);
    expect(notifications).toEqual([told]);
  });

  it("passes over what it doesn't know, from a newer server", async () => {
    const frame = send();
    for (const strange of [{ type: "poll" }, "no json", { type: "ack" }]) sockets.current.say(strange);
    await acknowledge(frame, 1);
    expect(sender.state).toMatchObject({ unsent: 0, transport: "socket" });
  });

  it("says by itself that a student who waits is there: repeats are not sent", () => {
    sender.repeat({ eventType: "help", helpId: "h" });
    platform.advance(1_000);
    expect(sockets.current.frames).toEqual([]);
  });
});

describe("frames on their way", () => {
  it("are four at most, in order, and each event is in one of them", async () => {
    record(550);
    for (let turn = 0; turn < 8; turn += 1) platform.advance(0);
    const { frames } = sockets.current;
    expect(frames.map((frame) => numbersOf(frame)[0])).toEqual([1, 101, 201, 301]);
    await acknowledge(frames[0] as SentFrame, 100);
    platform.advance(20);
    expect(numbersOf(frames[4])).toEqual(Array.from({ length: 100 }, (_, index) => 401 + index));
  });

  it("may be acknowledged in any order, and one account may answer several", async () => {
    const [first, second, third] = [send(), send(), send()];
    await acknowledge(second, 2, [[1, 1]]);
    expect(sender.state.unsent).toBe(2);
    sockets.current.ack([third.id, first.id], account(3));
    await settle();
    expect(sender.state).toMatchObject({ unsent: 0, link: "connected" });
    expect(platform.nextTimerMs).toBe(25_000);
    expect(sockets.current.frames).toHaveLength(3);
  });

  it("that the account of a later one covers already are no failure", async () => {
    const [first, second] = [send(), send()];
    await acknowledge(second, 2);
    await acknowledge(first, 2);
    expect(sender.state).toMatchObject({ unsent: 0, lost: 0, link: "connected" });
  });

  it("count as received when an account that is older comes last", async () => {
    const [first, second] = [send(), send()];
    await acknowledge(first, 2);
    await acknowledge(second, 2, [[1, 1]]);
    expect(sender.state).toMatchObject({ unsent: 0, lost: 0 });
  });

  it("are sent again as far as they were not taken", async () => {
    await acknowledge(send(3), 3, [[2, 2]]);
    platform.advance(20);
    expect(numbersOf(sockets.current.frames[1])).toEqual([2]);
  });

  it("name what was rejected by its place in the frame", async () => {
    const frame = send(3);
    sockets.current.ack([frame.id], account(1), [
      { index: 1, code: "sequence_jump", message: "" },
      { index: 2, code: "invalid_event", message: "" },
    ]);
    await settle();
    expect(rejections.map(({ index }) => index)).toEqual([2]);
    platform.advance(20);
    expect(numbersOf(sockets.current.frames[1])).toEqual([2]);
  });

  it("carry a declared loss ahead of what waits behind it", async () => {
    const frame = send(3);
    sender.queue.giveUp(
      frame.events.slice(0, 1).map((event) => ({ event, json: "", bytes: 0 })),
      "x",
    );
    await acknowledge(frame, 3, [[1, 1]]);
    record();
    platform.advance(20);
    expect(sockets.current.frames[1]?.events).toMatchObject([
      { eventType: "events_lost", sequence: 4, from: 1, to: 1 },
      { eventType: "activity", sequence: 5 },
    ]);
  });
});

describe("a frame that is not taken", () => {
  const refuse = async (frame: SentFrame, code: string, retryAfterMs?: number) => {
    sockets.current.say({ type: "error", id: frame.id, code, message: code, retryAfterMs });
    await settle();
  };

  it.each(["unavailable", "backlog_full", "a_code_of_tomorrow"])(
    "for %s is sent again on the same socket, after as long as the class says",
    async (code) => {
      const frame = send();
      await refuse(frame, code, 7_000);
      expect(sender.state.link).toBe("waiting");
      sender.wake();
      platform.advance(6_999);
      expect(sockets.current.frames).toHaveLength(1);
      platform.advance(1);
      expect(numbersOf(sockets.current.frames[1])).toEqual([1]);
      expect(sockets.tried).toHaveLength(1);
    },
  );

  it("keeps the wait the class asked for when frames before it are acknowledged", async () => {
    const [first, second] = [send(), send()];
    await refuse(second, "backlog_full", 7_000);
    await acknowledge(first, 1);
    record();
    platform.advance(6_000);
    expect(sockets.current.frames).toHaveLength(2);
    expect(sender.state.link).toBe("waiting");
    platform.advance(1_000);
    expect(numbersOf(sockets.current.frames[2])).toEqual([2, 3]);
  });

  it("for what is in it is split until the culprit is alone, which is given up", async () => {
    record(4);
    const poison = 3;
    const taken = new Set<number>();
    for (let turn = 0; sender.state.unsent > 0 && turn < 40; turn += 1) {
      platform.advance(100);
      const frame = sockets.current.frames[turn];
      if (!frame) throw new Error("Nothing more was sent.");
      if (numbersOf(frame).includes(poison)) {
        await refuse(frame, "invalid_body");
      } else {
        for (const sequence of numbersOf(frame)) taken.add(sequence ?? 0);
        // The declared loss, number 5, makes the class miss it no more.
        const isMissed = (sequence: number) => !taken.has(sequence) && !(sequence === poison && taken.has(5));
        const missing = [1, 2, 3, 4].filter(
          (sequence) => sequence < Math.max(...taken) && isMissed(sequence),
        );
        await acknowledge(
          frame,
          Math.max(...taken),
          missing.map((sequence) => [sequence, sequence]),
        );
      }
    }
    expect([...taken].toSorted((a, b) => a - b)).toEqual([1, 2, 4, 5]);
    expect(sender.state.lost).toBe(1);
    expect(faults.every(({ status, code }) => status === 422 && code === "invalid_body")).toBe(true);
  });

  it("alone goes while something is wrong, so that the answer is about it", async () => {
    record(450);
    for (let turn = 0; turn < 8; turn += 1) platform.advance(0);
    const [first, ...others] = sockets.current.frames;
    if (!first) throw new Error("Nothing was sent.");
    await refuse(first, "body_too_large");
    for (const [index] of others.entries()) {
      const frame = others[index] as SentFrame;
      await acknowledge(frame, Math.max(...numbersOf(frame).map(Number)), [[1, 100]]);
    }
    for (let turn = 0; turn < 8; turn += 1) platform.advance(20);
    expect(sockets.current.frames).toHaveLength(5);
    expect(numbersOf(sockets.current.frames[4])).toHaveLength(50);
  });

  it("is left to HTTP when the class can't say which it was", async () => {
    send();
    sockets.current.say({ type: "error", code: "invalid_json", message: "" });
    await settle();
    expect(sockets.current.isClosed).toBe(true);
    platform.advance(0);
    expect(sequencesOf(await server.request(0))).toEqual([1]);
    await vi.waitFor(() => expect(sender.state.unsent).toBe(0));
  });
});

describe("the last request of a page", () => {
  it("goes by HTTP, with what is on its way by socket too", async () => {
    send(2);
    sender.record({ eventType: "session_end", lastSequence: 3 });
    sender.drain();
    expect(sequencesOf(await server.request(0))).toEqual([1, 2, 3]);
  });
});
