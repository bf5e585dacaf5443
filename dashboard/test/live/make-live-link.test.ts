import { closeCodes, pingText, pongText } from "@cell-monitor/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type DataFrame,
  type LinkState,
  type LiveLink,
  makeLiveLink,
  type ResumePoint,
} from "../../src/live/make-live-link.ts";
import { FakeSocket } from "../fixtures/fake-socket.ts";
import { sampleSnapshot } from "../fixtures/sample-class.ts";

const snapshot = sampleSnapshot(1, 1_000);

describe("a live link", () => {
  let sockets: FakeSocket[];
  let states: LinkState[];
  let frames: DataFrame[];
  let point: ResumePoint | undefined;
  let isRefused: boolean;
  let link: LiveLink;

  beforeEach(() => {
    vi.useFakeTimers();
    sockets = [];
    states = [];
    frames = [];
    point = undefined;
    isRefused = false;
    link = makeLiveLink({
      openSocket(resume) {
        const socket = new FakeSocket(resume);
        sockets.push(socket);
        return socket;
      },
      resumePoint: () => point,
      isRefused: async () => isRefused,
      onOpen() {},
      onFrame(frame) {
        frames.push(frame);
        point = { epoch: frame.epoch, to: frame.to };
      },
      onState: (state) => states.push(state),
      random: () => 0.5,
      now: Date.now,
    });
  });

  afterEach(() => {
    link.close();
    vi.useRealTimers();
  });

  const current = () => {
    const socket = sockets.at(-1);
    if (!socket) throw new Error("No socket was opened.");
    return socket;
  };
  const goLive = () => {
    current().open();
    current().deliver(snapshot);
  };

  it("is live with the first frame, not with the open connection", () => {
    current().open();
    expect(states.at(-1)).toEqual({ kind: "connecting" });
    current().deliver(snapshot);
    expect(states.at(-1)).toEqual({ kind: "live" });
    expect(frames).toEqual([snapshot]);
  });

  it("connects again at once, behind what was shown, when the server restarts", () => {
    goLive();
    current().drop(closeCodes.restart);
    expect(states.at(-1)).toEqual({ kind: "connecting" });
    vi.advanceTimersByTime(0);
    expect(sockets).toHaveLength(2);
    expect(current().resume).toEqual({ epoch: snapshot.epoch, to: snapshot.to });
  });

  it("waits longer between attempts that fail, never more than ten seconds", () => {
    goLive();
    const lostAtMs = Date.now();
    current().drop();
    const waits: number[] = [];
    for (let attempt = 0; attempt < 8; attempt += 1) {
      const openedAtMs = Date.now();
      vi.advanceTimersToNextTimer();
      waits.push(Date.now() - openedAtMs);
      current().drop();
    }
    expect(waits).toEqual([0, 1000, 2000, 4000, 5000, 5000, 5000, 5000]);
    expect(states.at(-1)).toEqual({ kind: "offline", sinceMs: lostAtMs });
  });

  it("doesn't hammer a server that greets and hangs up", () => {
    goLive();
    current().drop();
    vi.advanceTimersByTime(0);
    goLive();
    current().drop();
    vi.advanceTimersByTime(0);
    expect(sockets).toHaveLength(2);
    vi.advanceTimersByTime(1000);
    expect(sockets).toHaveLength(3);
  });

  it("pings every twenty seconds and stays when it is answered", () => {
    goLive();
    for (let round = 1; round <= 3; round += 1) {
      vi.advanceTimersByTime(20_000);
      expect(current().sent.filter((text) => text === pingText)).toHaveLength(round);
      current().deliver(pongText);
    }
    vi.advanceTimersByTime(19_000);
    expect(sockets).toHaveLength(1);
  });

  it("gives a connection up that doesn't answer a ping within ten seconds", () => {
    goLive();
    const silent = current();
    vi.advanceTimersByTime(29_999);
    expect(silent.isClosed).toBe(false);
    vi.advanceTimersByTime(1);
    expect(silent.isClosed).toBe(true);
    vi.advanceTimersByTime(1);
    expect(sockets).toHaveLength(2);
  });

  it("gives a connection up that doesn't open within ten seconds", () => {
    vi.advanceTimersByTime(10_000);
    expect(sockets[0]?.isClosed).toBe(true);
    expect(states.at(-1)).toMatchObject({ kind: "offline" });
  });

  it("listens no more to a connection that it gave up", () => {
    goLive();
    const silent = current();
    vi.advanceTimersByTime(30_000);
    silent.deliver({ ...snapshot, to: 7 });
    silent.drop(closeCodes.expired);
    expect(frames).toHaveLength(1);
    expect(states.at(-1)).not.toEqual({ kind: "refused" });
  });

  it.each([
    ["is no JSON", "{"],
    ["is no frame of the protocol", { type: "snapshot", epoch: 1 }],
    [
      "holds an entity of the wrong shape",
      { ...snapshot, entities: [{ kind: "student", id: "x", version: 1, data: {} }] },
    ],
  ])("drops a connection whose frame %s, and begins afresh with a snapshot", (_, frame) => {
    goLive();
    current().deliver(frame);
    expect(sockets[0]?.isClosed).toBe(true);
    vi.advanceTimersByTime(10_000);
    expect(sockets[1]?.resume).toBeUndefined();
    current().open();
    current().deliver(snapshot);
    current().drop();
    vi.advanceTimersToNextTimer();
    expect(current().resume).toBeDefined();
  });

  it("goes on when the server reports an error", () => {
    goLive();
    current().deliver({ type: "error", code: "invalid_body", message: "That is no command." });
    expect(current().isClosed).toBe(false);
    expect(states.at(-1)).toEqual({ kind: "live" });
  });

  it.each([
    ["has expired", closeCodes.expired],
    ["was revoked", closeCodes.revoked],
  ])("tries no more when the session %s", (_, code) => {
    goLive();
    current().drop(code);
    expect(states.at(-1)).toEqual({ kind: "refused" });
    vi.advanceTimersByTime(120_000);
    link.hurry();
    expect(sockets).toHaveLength(1);
  });

  it("tries no more when an upgrade fails because nobody is signed in", async () => {
    isRefused = true;
    current().drop();
    await vi.advanceTimersByTimeAsync(0);
    expect(states.at(-1)).toEqual({ kind: "refused" });
    const opened = sockets.length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sockets).toHaveLength(opened);
  });

  it("tries at once when told to hurry while it waits", () => {
    for (let attempt = 0; attempt < 4; attempt += 1) {
      current().drop();
      if (attempt < 3) vi.advanceTimersToNextTimer();
    }
    const opened = sockets.length;
    link.hurry();
    expect(sockets).toHaveLength(opened + 1);
  });

  it("makes sure of a connection when told to hurry while it seems to have one", () => {
    goLive();
    link.hurry();
    expect(current().sent).toEqual([pingText]);
    vi.advanceTimersByTime(10_000);
    expect(sockets[0]?.isClosed).toBe(true);
  });

  it("sends nothing while there is no connection, and says so", () => {
    expect(link.send({ type: "seen", epoch: "e", to: 1 })).toBe(false);
    current().open();
    expect(link.send({ type: "seen", epoch: "e", to: 1 })).toBe(true);
    expect(current().commands()).toEqual([{ type: "seen", epoch: "e", to: 1 }]);
  });

  it("leaves no timer behind when it is closed", () => {
    goLive();
    link.close();
    expect(vi.getTimerCount()).toBe(0);
    expect(current().isClosed).toBe(true);
  });
});
