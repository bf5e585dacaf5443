import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Credentials, keepCredential, Sender, type SenderFault } from "../src/index.ts";
import { FakePlatform } from "./fake-platform.ts";
import { FakeServer, refuseWith, sequencesOf } from "./fake-server.ts";
import { FakeSockets, numbersOf } from "./fake-sockets.ts";

const minuteMs = 60_000;

let server: FakeServer;
let url: string;
let sockets: FakeSockets;
let platform: FakePlatform;
let sender: Sender;
let faults: SenderFault[];
let token: string;
let refresh: Credentials["refresh"];
let refreshes: number;

function open(credentials: Credentials): void {
  sender = new Sender({
    server: url,
    classId: "class-1",
    platform,
    credentials,
    onFault: (fault) => faults.push(fault),
  });
}

/** Lets what promises still have to do be done. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

function record(): void {
  sender.record({ eventType: "activity" });
}

/** Acknowledges all frames of the open socket. */
async function acknowledge(): Promise<void> {
  const { frames } = sockets.current;
  const through = Math.max(0, ...frames.flatMap(numbersOf).map((number) => number ?? 0));
  const ids = frames.map(({ id }) => id);
  sockets.current.ack(ids, { sessionId: sender.sessionId, through, missing: [] });
  await settle();
}

const byHttp = (place: number) => server.request(place).then(sequencesOf);
const unsent = (count: number) => vi.waitFor(() => expect(sender.state.unsent).toBe(count), { interval: 5 });

beforeEach(async () => {
  server = new FakeServer();
  url = await server.listen();
  sockets = new FakeSockets();
  platform = Object.assign(new FakePlatform(), { openSocket: sockets.open });
  platform.luck = 0.5;
  faults = [];
  token = "token-1";
  refreshes = 0;
  refresh = () => {
    token = `token-${(refreshes += 1) + 1}`;
    return Promise.resolve("renewed");
  };
  open({ token: () => token, refresh: () => refresh() });
});

afterEach(() => {
  sender.close();
  server.close();
});

describe("while a socket is being opened", () => {
  it("events wait for it, and leave as soon as it is open", () => {
    record();
    platform.advance(1_000);
    sockets.current.accept();
    platform.advance(0);
    expect(numbersOf(sockets.current.frames[0])).toEqual([1]);
    expect(server.requests).toEqual([]);
  });

  it("events wait two seconds at most, then go by HTTP", async () => {
    record();
    platform.advance(100);
    expect(platform.nextTimerMs).toBe(1_900);
    platform.advance(1_899);
    expect(server.requests).toEqual([]);
    platform.advance(1);
    expect(await byHttp(0)).toEqual([1]);
    await unsent(0);
    expect(sender.state.transport).toBe("http");
  });

  it("a try that hangs is given up after ten", () => {
    record();
    platform.advance(10_000);
    const [first] = sockets.tried;
    expect(first?.isClosed).toBe(true);
    platform.advance(500);
    expect(sockets.tried).toHaveLength(2);
    first?.accept();
    expect(sender.state.transport).toBe("http");
  });
});

describe("where no socket opens", () => {
  it("events wait for two tries, then go by HTTP while others are made, further and further apart", async () => {
    record();
    sockets.current.end();
    platform.advance(499);
    expect(sockets.tried).toHaveLength(1);
    platform.advance(1);
    expect(sockets.tried).toHaveLength(2);
    expect(server.requests).toEqual([]);
    sockets.current.end();
    platform.advance(0);
    expect(await byHttp(0)).toEqual([1]);
    await unsent(0);
    for (const waitMs of [1_000, 2_000, 4_000]) {
      platform.advance(waitMs - 1);
      const tried = sockets.tried.length;
      platform.advance(1);
      expect(sockets.tried).toHaveLength(tried + 1);
      sockets.current.end();
    }
  });

  it("an address that a browser refuses to open is one that doesn't open", async () => {
    sender.close();
    const refuseToOpen = () => {
      throw new SyntaxError("not allowed here");
    };
    platform = Object.assign(new FakePlatform(), { openSocket: refuseToOpen });
    open({ token: () => token, refresh });
    record();
    for (let turn = 0; turn < 3; turn += 1) platform.advance(100);
    expect(await byHttp(0)).toEqual([1]);
  });

  it("a page at rest makes no more tries, until something happens", () => {
    for (let waitedMs = 0; waitedMs < 20 * minuteMs; waitedMs += 1_000) {
      if (!sockets.current.isClosed) sockets.current.end();
      platform.advance(1_000);
    }
    expect(platform.nextTimerMs).toBeUndefined();
    const tried = sockets.tried.length;
    record();
    expect(sockets.tried).toHaveLength(tried + 1);
  });

  it("a later try that succeeds takes the events over from HTTP", async () => {
    for (const waitMs of [500, 1_000]) {
      sockets.current.end();
      platform.advance(waitMs);
    }
    sockets.current.accept();
    record();
    platform.advance(20);
    await acknowledge();
    expect(sender.state).toMatchObject({ unsent: 0, transport: "socket" });
    expect(server.requests).toEqual([]);
  });

  it("HTTP that works again is a reason for another try", async () => {
    sockets.current.end();
    platform.advance(500);
    sockets.current.end();
    server.answerWith(() => "reset");
    record();
    platform.advance(100);
    await vi.waitFor(() => expect(sender.state.link).toBe("waiting"));
    platform.advance(500);
    await unsent(0);
    expect(sockets.tried).toHaveLength(3);
  });

  it("the network's return is a reason for another try", () => {
    sockets.current.end();
    sender.wake();
    expect(sockets.tried).toHaveLength(2);
  });
});

describe("when a socket closes", () => {
  beforeEach(async () => {
    sockets.current.accept();
    record();
    platform.advance(20);
    await acknowledge();
  });

  it.each([1006, 1011, 1012])(
    "with %i, it comes back by chance, and sends again what is open",
    async (code) => {
      for (let count = 0; count < 3; count += 1) {
        record();
        platform.advance(20);
      }
      sockets.current.end(code);
      expect(sender.state.transport).toBe("http");
      await settle();
      platform.advance(499);
      expect(sockets.tried).toHaveLength(1);
      platform.advance(1);
      sockets.current.accept();
      platform.advance(0);
      expect(sockets.current.frames.flatMap(numbersOf)).toEqual([2, 3, 4]);
      await acknowledge();
      expect(sender.state).toMatchObject({ unsent: 0, link: "connected", transport: "socket" });
      expect(server.requests).toEqual([]);
    },
  );

  it("events that were about to leave wait for the next one too", async () => {
    record();
    sockets.current.end();
    platform.advance(20);
    platform.advance(480);
    sockets.current.accept();
    platform.advance(0);
    await settle();
    expect(sockets.current.frames.map(numbersOf)).toEqual([[2]]);
  });

  it("events go by HTTP if it isn't back in two seconds, and are known again if it is after all", async () => {
    record();
    platform.advance(20);
    sockets.current.end();
    await settle();
    platform.advance(500);
    platform.advance(1_500);
    expect(await byHttp(0)).toEqual([2]);
    sockets.current.accept();
    await unsent(0);
    expect(sockets.current.frames).toEqual([]);
  });

  it("over and over, each time right after it opened, it comes back later and later", () => {
    for (const waitMs of [500, 1_000, 2_000]) {
      sockets.current.end();
      platform.advance(waitMs - 1);
      const tried = sockets.tried.length;
      platform.advance(1);
      expect(sockets.tried).toHaveLength(tried + 1);
      sockets.current.accept();
    }
  });

  it("now and then, it comes back soon each time", async () => {
    for (let time = 0; time < 4; time += 1) {
      sockets.current.end();
      platform.advance(500);
      sockets.current.accept();
      record();
      platform.advance(20);
      await acknowledge();
    }
    expect(sockets.tried).toHaveLength(5);
  });

  it("for an expired token, it comes back with another", async () => {
    sockets.current.end(4401, "expired");
    await settle();
    platform.advance(500);
    expect(refreshes).toBe(1);
    expect(sockets.current.token).toBe("token-2");
    expect(faults).toEqual([]);
  });

  it("for an expired token, and there is no other, it stays away", async () => {
    refresh = () => Promise.resolve("refused");
    sockets.current.end(4401, "expired");
    await settle();
    platform.advance(minuteMs);
    expect(sockets.tried).toHaveLength(1);
  });

  it("for an expired token, and the server is away, it keeps trying", async () => {
    refresh = () => Promise.resolve("unavailable");
    sockets.current.end(4401, "expired");
    await settle();
    platform.advance(500);
    expect(sockets.tried).toHaveLength(2);
  });

  it("for a revoked credential, it says so and comes back with another one only", async () => {
    sockets.current.end(4403, "You are not in this class any more.");
    expect(faults).toEqual([
      { status: 401, code: "token_revoked", message: "You are not in this class any more." },
    ]);
    expect(sender.state.link).toBe("refused");
    server.answerWith(refuseWith(401, "token_revoked"));
    record();
    platform.advance(minuteMs);
    expect(await byHttp(0)).toEqual([2]);
    expect(sockets.tried).toHaveLength(1);
    await vi.waitFor(() => expect(refreshes).toBe(1));
    record();
    expect(sockets.tried).toHaveLength(2);
    expect(sockets.current.token).toBe("token-2");
  });

  it("because another connection of the session took over, it leaves it that, and HTTP serves", async () => {
    sockets.current.end(4409);
    sender.wake();
    record();
    platform.advance(100);
    expect(await byHttp(0)).toEqual([2]);
    platform.advance(10 * minuteMs);
    expect(sockets.tried).toHaveLength(1);
  });

  it("with the sender, nothing comes back", () => {
    sender.close();
    expect(sockets.current.closedWith).toBe(1000);
    sender.wake();
    expect(platform.nextTimerMs).toBeUndefined();
    expect(sockets.tried).toHaveLength(1);
  });
});

describe("a socket that hangs", () => {
  beforeEach(() => sockets.current.accept());

  it("is given up when a frame is not answered, and its events go by HTTP at once", async () => {
    record();
    platform.advance(20);
    platform.advance(10_000);
    expect(sockets.current.isClosed).toBe(true);
    await settle();
    platform.advance(0);
    expect(await byHttp(0)).toEqual([1]);
    await unsent(0);
  });

  it("is given up although pings are answered for the class: a frame is not", () => {
    record();
    platform.advance(20);
    for (let second = 0; second < 10; second += 1) {
      sockets.current.pong();
      platform.advance(1_000);
    }
    expect(sockets.current.isClosed).toBe(true);
  });

  it("is pinged after 25 s of silence, and given up when it stays silent for ten more", () => {
    platform.advance(24_999);
    expect(sockets.current.pings).toBe(0);
    platform.advance(1);
    expect(sockets.current.pings).toBe(1);
    platform.advance(9_999);
    expect(sockets.current.isClosed).toBe(false);
    platform.advance(1);
    expect(sockets.current.isClosed).toBe(true);
    platform.advance(500);
    expect(sockets.tried).toHaveLength(2);
  });

  it("is tested at once when the network may have changed", () => {
    sender.wake();
    expect(sockets.current.pings).toBe(1);
    platform.advance(10_000);
    expect(sockets.current.isClosed).toBe(true);
  });

  it("is heard no more once it was given up", async () => {
    record();
    platform.advance(20);
    platform.advance(10_000);
    await acknowledge();
    expect(sender.state.unsent).toBe(1);
    const [abandoned] = sockets.tried;
    for (let second = 0; second < 30; second += 1) platform.advance(1_000);
    expect(abandoned?.pings).toBe(0);
  });
});

describe("a page at rest", () => {
  const pass = (durationMs: number) => {
    for (let passedMs = 0; passedMs < durationMs; passedMs += 25_000) {
      platform.advance(25_000);
      if (sockets.current.pings > 0) sockets.current.pong();
    }
  };
  beforeEach(() => sockets.current.accept());

  it("stays connected without timer or ping", () => {
    pass(10 * minuteMs);
    const { pings } = sockets.current;
    expect(pings).toBeGreaterThan(10);
    expect(platform.nextTimerMs).toBeUndefined();
    platform.advance(60 * minuteMs);
    expect(sockets.current.pings).toBe(pings);
    expect(sender.state.transport).toBe("socket");
  });

  it("pings again when something happens", () => {
    pass(10 * minuteMs);
    record();
    platform.advance(20);
    expect(platform.nextTimerMs).toBeLessThanOrEqual(10_000);
  });

  it("does not come back when it is disconnected, but with the next event", async () => {
    pass(10 * minuteMs);
    sockets.current.end();
    expect(platform.nextTimerMs).toBeUndefined();
    record();
    sockets.current.accept();
    platform.advance(0);
    expect(numbersOf(sockets.current.frames[0])).toEqual([1]);
  });

  it("with a raised hand is not at rest", () => {
    for (let passedMs = 0; passedMs < 20 * minuteMs; passedMs += 25_000) {
      sender.repeat({ eventType: "help", helpId: "h" });
      pass(25_000);
    }
    expect(sockets.current.pings).toBeGreaterThan(40);
    expect(sockets.current.frames).toEqual([]);
  });
});

describe("a token", () => {
  const signed = (name: string, lifeSeconds: number) =>
    `h.${btoa(JSON.stringify({ iat: 1_000, exp: 1_000 + lifeSeconds, name })).replaceAll("=", "")}.s`;
  const credential = (given: string) => ({
    token: given,
    refreshToken: "refresh",
    expiresAt: "1999-01-01T00:00:00.000Z",
    studentId: "student",
    classId: "class-1",
  });

  it("is renewed before the better part of its life is over, whatever the clock says, and told to the class", async () => {
    sender.close();
    const renewed = signed("renewed", 900);
    platform.fetch = () => Promise.resolve(Response.json(credential(renewed)));
    open(keepCredential({ server: url, credential: credential(signed("", 900)), isNew: true, platform }));
    sockets.current.accept();
    const live = async (untilMs: number) => {
      for (let passedMs = 0; passedMs < untilMs; passedMs += 25_000) {
        record();
        platform.advance(25_000);
        await acknowledge();
      }
    };
    await live(10 * minuteMs);
    expect(sockets.current.renewals).toEqual([]);
    await live(2 * minuteMs);
    await vi.waitFor(() => expect(sockets.current.renewals).toEqual([renewed]));
    expect(sockets.tried).toHaveLength(2);
  });

  it("that was kept over a reload is renewed at once: its age is not known", async () => {
    sender.close();
    platform.fetch = () => Promise.resolve(Response.json(credential(signed("renewed", 900))));
    open(keepCredential({ server: url, credential: credential(signed("", 900)), platform }));
    sockets.current.accept();
    await vi.waitFor(() => expect(sockets.current.renewals).toEqual([signed("renewed", 900)]));
  });

  it("that could not be renewed is asked for again in a minute, not at every event", async () => {
    sender.close();
    let asked = 0;
    platform.fetch = () => {
      asked += 1;
      return Promise.reject(new Error("away"));
    };
    open(keepCredential({ server: url, credential: credential(signed("", 900)), platform }));
    sockets.current.accept();
    for (let second = 0; second < 59; second += 1) {
      await settle();
      record();
      platform.advance(1_000);
      await acknowledge();
    }
    expect(asked).toBe(1);
    await settle();
    record();
    platform.advance(1_000);
    expect(asked).toBe(2);
  });

  it("that was renewed elsewhere is told before the next frame", () => {
    sockets.current.accept();
    token = "token-of-http";
    record();
    platform.advance(20);
    expect(sockets.current.renewals).toEqual(["token-of-http"]);
  });
});
