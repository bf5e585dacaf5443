import type { Rejection } from "@cell-monitor/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type Credentials,
  EventQueue,
  MemoryStore,
  Sender,
  type SenderFault,
  type SenderOptions,
} from "../src/index.ts";
import { FakePlatform } from "./fake-platform.ts";
import { ackOf, FakeServer, refuseWith, sequencesOf } from "./fake-server.ts";

let server: FakeServer;
let url: string;
let platform: FakePlatform;
let sender: Sender;
let faults: SenderFault[];
let rejections: Rejection[];
let refresh: Credentials["refresh"];
let token: string;

function open(options: Partial<SenderOptions> = {}): Sender {
  return new Sender({
    server: url,
    platform,
    credentials: { token: () => token, refresh: () => refresh() },
    onFault: (fault) => faults.push(fault),
    onRejected: (refused) => rejections.push(...refused),
    ...options,
  });
}

function record(count = 1): void {
  for (let index = 0; index < count; index += 1) sender.record({ eventType: "activity" });
}

/** Lets `ms` pass once the sender has come to wait for it. */
async function afterWaiting(ms: number): Promise<void> {
  await vi.waitFor(() => expect(platform.nextTimerMs).toBe(ms), { interval: 5 });
  platform.advance(ms);
}

const unsent = (count: number) =>
  vi.waitFor(() => expect(sender.state).toMatchObject({ unsent: count }), { interval: 5 });

beforeEach(async () => {
  server = new FakeServer();
  url = await server.listen();
  platform = new FakePlatform();
  faults = [];
  rejections = [];
  token = "token-1";
  refresh = () => Promise.resolve("refused");
  sender = open();
});

afterEach(() => {
  sender.close();
  server.close();
});

describe("batches", () => {
  it("sends the events of a moment in one envelope, numbered from 1, with the sending clock", async () => {
    record(3);
    await afterWaiting(100);
    const { path, headers, body } = await server.request(0);
    expect(path).toBe("/api/v1/events");
    expect(headers["authorization"]).toBe("Bearer token-1");
    expect(body.v).toBe(1);
    expect(body.sentAt).toBe("2026-11-22T10:00:00.100Z");
    expect(body.events.map(({ sequence, sessionId, eventTime }) => [sequence, sessionId, eventTime])).toEqual(
      [1, 2, 3].map((sequence) => [sequence, sender.sessionId, "2026-11-22T10:00:00.000Z"]),
    );
    await unsent(0);
  });

  it("does not let a request for help or an error wait for company", async () => {
    sender.record({ eventType: "help", helpId: "h" });
    expect(platform.nextTimerMs).toBe(0);
    platform.advance(0);
    await server.request(0);
    await unsent(0);
    sender.record({ eventType: "cell_execution_error" });
    expect(platform.nextTimerMs).toBe(0);
  });

  it("sends at most 100 events at once and the others right behind", async () => {
    record(250);
    platform.advance(0);
    expect(sequencesOf(await server.request(0))).toHaveLength(100);
    await afterWaiting(0);
    expect(sequencesOf(await server.request(1))[0]).toBe(101);
    await afterWaiting(100);
    expect(sequencesOf(await server.request(2))).toHaveLength(50);
    await unsent(0);
  });

  it("keeps a batch below a body's limit", async () => {
    for (let index = 0; index < 30; index += 1) {
      sender.record({ eventType: "cell_execution_complete", result: "x".repeat(60_000) });
    }
    await afterWaiting(100);
    expect(JSON.stringify((await server.request(0)).body).length).toBeLessThan(1024 * 1024);
    await afterWaiting(100);
    await server.request(1);
    await unsent(0);
  });

  it("compresses a large body and leaves a small one alone", async () => {
    record(1);
    await afterWaiting(100);
    expect((await server.request(0)).headers["content-encoding"]).toBeUndefined();
    await unsent(0);
    record(50);
    await afterWaiting(100);
    expect((await server.request(1)).headers["content-encoding"]).toBe("gzip");
    await unsent(0);
  });

  it("has no timer while there is nothing to send", async () => {
    record();
    await afterWaiting(100);
    await unsent(0);
    expect(platform.nextTimerMs).toBeUndefined();
  });
});

describe("what the server says", () => {
  it("keeps what a 200 does not acknowledge and sends it again", async () => {
    server.answerWith(({ body }) => ({
      status: 200,
      body: {
        ...ackOf(body.events),
        acks: [{ sessionId: sender.sessionId, through: 3, missing: [[2, 2]] }],
      },
    }));
    record(3);
    await afterWaiting(100);
    await unsent(1);
    await afterWaiting(100);
    expect(sequencesOf(await server.request(1))).toEqual([2]);
    await unsent(0);
  });

  it("waits before it asks again when a 200 acknowledges nothing", async () => {
    platform.luck = 0.5;
    server.answerWith(() => ({ status: 200, body: ackOf([]) }));
    record();
    await afterWaiting(100);
    await vi.waitFor(() => expect(sender.state.link).toBe("waiting"));
    await afterWaiting(500);
    await unsent(0);
    expect(server.requests).toHaveLength(2);
  });

  it("drops and reports a rejected event, and keeps one whose number was too far ahead", async () => {
    const reject = (index: number, code: Rejection["code"]) => ({ index, code, message: code });
    server.answerWith(({ body }) => ({
      status: 200,
      body: {
        ...ackOf(body.events, [reject(0, "invalid_event"), reject(1, "sequence_jump")]),
        acks: [{ sessionId: sender.sessionId, through: 1, missing: [] }],
      },
    }));
    record(2);
    await afterWaiting(100);
    await unsent(1);
    expect(rejections.map(({ code }) => code)).toEqual(["invalid_event"]);
    await afterWaiting(100);
    expect(sequencesOf(await server.request(1))).toEqual([2]);
    await unsent(0);
  });

  it("takes the acknowledgement that a 400 carries", async () => {
    server.answerWith(({ body }) => {
      const rejected = body.events.map((_, index) => ({
        index,
        code: "invalid_event" as const,
        message: "bad",
      }));
      const details = ackOf(body.events, rejected);
      return {
        status: 400,
        body: { error: { code: "no_good_event", message: "no good event", details } },
      };
    });
    record(2);
    await afterWaiting(100);
    await unsent(0);
    expect(rejections).toHaveLength(2);
    expect(faults).toEqual([]);
  });

  it("renews its token once at a 401 and goes on", async () => {
    refresh = () => {
      token = "token-2";
      return Promise.resolve("renewed");
    };
    server.answerWith(refuseWith(401, "token_expired"));
    record();
    await afterWaiting(100);
    await server.request(0);
    await afterWaiting(100);
    expect((await server.request(1)).headers["authorization"]).toBe("Bearer token-2");
    await unsent(0);
    expect(faults).toEqual([]);
  });

  it("waits, and says so, when the renewed token is refused too", async () => {
    let renewals = 0;
    refresh = () => Promise.resolve((renewals += 1) > 0 ? "renewed" : "refused");
    platform.luck = 0.5;
    server.answerWith(refuseWith(401, "token_revoked"), refuseWith(401, "token_revoked"));
    record();
    await afterWaiting(100);
    await afterWaiting(100);
    await vi.waitFor(() => expect(sender.state.link).toBe("refused"));
    expect(renewals).toBe(1);
    expect(faults).toEqual([{ status: 401, code: "unauthenticated", message: "token_revoked" }]);
    expect(sender.state.unsent).toBe(1);
    await afterWaiting(500);
    await unsent(0);
    expect(sender.state.link).toBe("connected");
  });

  it("halves a batch that is too large until it fits", async () => {
    const tooLarge = refuseWith(413, "body_too_large");
    server.answerWith(tooLarge, tooLarge);
    record(8);
    await afterWaiting(100);
    await server.request(0);
    await afterWaiting(0);
    await server.request(1);
    await afterWaiting(0);
    expect(sequencesOf(await server.request(2))).toEqual([1, 2]);
    await afterWaiting(0);
    expect(sequencesOf(await server.request(3))).toEqual([3, 4, 5, 6]);
    await afterWaiting(100);
    await unsent(0);
  });

  it("gives up a single event that is too large, and declares it lost by its number", async () => {
    server.answerWith(refuseWith(413, "body_too_large"));
    record();
    await afterWaiting(100);
    await server.request(0);
    await afterWaiting(100);
    const [event] = (await server.request(1)).body.events;
    expect(event).toMatchObject({
      eventType: "events_lost",
      sequence: 2,
      from: 1,
      to: 1,
      reason: "too_large",
    });
    await unsent(0);
    expect(sender.state.lost).toBe(1);
  });

  it.each([
    [429, "rate_limited"],
    [503, "unavailable"],
  ])("waits after a %i for as long as Retry-After says", async (status, code) => {
    server.answerWith(refuseWith(status, code, { "retry-after": "7" }));
    record();
    await afterWaiting(100);
    await server.request(0);
    await vi.waitFor(() => expect(sender.state.link).toBe("waiting"));
    sender.wake();
    sender.record({ eventType: "help", helpId: "h" });
    await afterWaiting(7_000);
    expect(sequencesOf(await server.request(1))).toEqual([1, 2]);
    await unsent(0);
  });

  it("waits longer and longer, by chance, while the network is away, and tries at once when woken", async () => {
    platform.luck = 0.5;
    server.answerWith(
      () => "reset",
      () => "reset",
      () => "reset",
    );
    record();
    await afterWaiting(100);
    await afterWaiting(500);
    await afterWaiting(1_000);
    await vi.waitFor(() => expect(platform.nextTimerMs).toBe(2_000));
    sender.wake();
    await afterWaiting(0);
    await unsent(0);
    expect(server.requests.map(sequencesOf)).toEqual([[1], [1], [1], [1]]);
  });

  it("takes a foreign 200 for no answer", async () => {
    server.answerWith(() => ({ status: 200, body: { welcome: "to our network" } }));
    record();
    await afterWaiting(100);
    await server.request(0);
    await afterWaiting(100);
    expect(sequencesOf(await server.request(1))).toEqual([1]);
    await unsent(0);
  });

  it("sends plainly from then on when a compressed body is not understood", async () => {
    server.answerWith(refuseWith(415, "unsupported_media_type"));
    record(50);
    await afterWaiting(100);
    await server.request(0);
    await afterWaiting(100);
    expect((await server.request(1)).headers["content-encoding"]).toBeUndefined();
    await unsent(0);
    expect(faults).toEqual([]);
  });

  it("finds the event the server cannot take, gives it up after three tries, and loses no other", async () => {
    const faulty = 2;
    server.answerWith(
      ...Array.from({ length: 12 }, () => (request: Parameters<ReturnType<typeof refuseWith>>[0]) => {
        const isPoisoned = sequencesOf(request).includes(faulty);
        if (isPoisoned) return refuseWith(422, "invalid_body")(request);
        return { status: 200, body: ackOf(request.body.events) };
      }),
    );
    record(4);
    while (sender.state.unsent > 0) {
      await vi.waitFor(() => expect(platform.nextTimerMs).toBeLessThanOrEqual(100), { interval: 5 });
      const seen = server.requests.length;
      platform.advance(100);
      await server.request(seen);
      await vi.waitFor(() => expect(platform.nextTimerMs ?? 0).toBeLessThanOrEqual(100), { interval: 5 });
    }
    expect(sender.state.lost).toBe(1);
    expect(faults.length).toBeGreaterThanOrEqual(3);
    const declared = server.requests
      .flatMap(({ body }) => body.events)
      .find((event) => event.from === faulty);
    expect(declared).toMatchObject({ eventType: "events_lost", from: faulty, to: faulty });
  });

  it("keeps every event while the class refuses the student", async () => {
    const forbidden = refuseWith(403, "forbidden");
    server.answerWith(forbidden, forbidden, forbidden, forbidden);
    record(2);
    await afterWaiting(100);
    for (let place = 0; place < 4; place += 1) {
      await server.request(place);
      await afterWaiting(100);
    }
    await unsent(0);
    expect(sender.state.lost).toBe(0);
    expect(sequencesOf(await server.request(4))).toEqual([1, 2]);
  });

  it("ends a request that is not answered in time and sends the same again", async () => {
    let calls = 0;
    platform.fetch = (target, init) => {
      calls += 1;
      if (calls > 1) return fetch(target, init);
      return new Promise((_, reject) =>
        init.signal?.addEventListener("abort", () => reject(new Error("late"))),
      );
    };
    record();
    await afterWaiting(100);
    await afterWaiting(15_000);
    await afterWaiting(100);
    expect(sequencesOf(await server.request(0))).toEqual([1]);
    await unsent(0);
  });
});

describe("repeats", () => {
  it("leave at once, without a number, and the latest replaces those that could not leave", async () => {
    platform.luck = 0.5;
    server.answerWith(() => "reset");
    record();
    await afterWaiting(100);
    await vi.waitFor(() => expect(sender.state.link).toBe("waiting"));
    for (const note of ["first", "second"]) sender.repeat({ eventType: "help", helpId: "h", note });
    await afterWaiting(500);
    const { events } = (await server.request(1)).body;
    expect(events.map(({ sequence, note }) => [sequence, note])).toEqual([
      [1, undefined],
      [undefined, "second"],
    ]);
    await unsent(0);
  });

  it("are not sent again when they fail", async () => {
    server.answerWith(() => "reset");
    sender.repeat({ eventType: "help", helpId: "h" });
    platform.advance(0);
    await server.request(0);
    await vi.waitFor(() => expect(sender.state.link).toBe("waiting"));
    expect(platform.nextTimerMs).toBeUndefined();
  });
});

describe("the last request of a page", () => {
  it("outlives the page, carries the queue and stays below what browsers allow", async () => {
    const calls: RequestInit[] = [];
    platform.fetch = (_, init) => {
      calls.push(init);
      return Promise.reject(new Error("gone"));
    };
    for (let index = 0; index < 20; index += 1) {
      sender.record({ eventType: "cell_execution_complete", result: "x".repeat(10_000) });
    }
    sender.record({ eventType: "session_end", lastSequence: 20 });
    sender.drain();
    const [request] = calls;
    expect(request?.keepalive).toBe(true);
    const body = typeof request?.body === "string" ? request.body : "";
    expect(body.length).toBeLessThanOrEqual(60 * 1024);
    const sequences = (JSON.parse(body).events as { sequence: number }[]).map(({ sequence }) => sequence);
    expect(sequences).toEqual([1, 2, 3, 4, 5, 21]);
    expect(sender.state.unsent).toBe(21);
  });
});

describe("flush and close", () => {
  it("flush resolves when everything is acknowledged", async () => {
    record(3);
    const flushed = sender.flush();
    platform.advance(0);
    await flushed;
    expect(sender.state.unsent).toBe(0);
  });

  it("flush resolves when nothing can be sent for now", async () => {
    platform.luck = 0.5;
    server.answerWith(() => "reset");
    record();
    const flushed = sender.flush();
    platform.advance(0);
    await flushed;
    expect(sender.state).toMatchObject({ unsent: 1, link: "waiting" });
  });

  it("close ends the request under way and leaves the events to the queue", async () => {
    const { now, newId } = platform;
    const queue = new EventQueue({ sessionId: "s", store: new MemoryStore(), now, newId });
    sender.close();
    sender = open({ queue });
    record();
    let isAborted = false;
    platform.fetch = (_, init) =>
      new Promise((_resolve, reject) =>
        init.signal?.addEventListener("abort", () => {
          isAborted = true;
          reject(new Error("aborted"));
        }),
      );
    platform.advance(100);
    sender.close();
    expect(isAborted).toBe(true);
    expect(queue.size).toBe(1);
    sender = open({ queue });
    platform.fetch = fetch;
    platform.advance(0);
    expect(sequencesOf(await server.request(0))).toEqual([1]);
    await unsent(0);
  });
});
