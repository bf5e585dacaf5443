import {
  accept,
  type Entity,
  type InstructorFrame,
  instructorFrameSchema,
  limits,
  refuse,
  type Result,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { type Attachment, attachmentSchema, Watchers } from "../../../src/classroom/live/watchers.ts";
import type { Socket } from "../../../src/classroom/live/socket.ts";

const epoch = "epoch";

class FakeSocket implements Socket {
  readonly frames: InstructorFrame[] = [];
  readonly closes: number[] = [];
  attachment: unknown;
  isBroken = false;

  constructor(attachment: Partial<Attachment> = {}) {
    const holder = { subject: "ada", expiresMs: Infinity, issuedMs: 0, keyVersion: 1 };
    this.attachment = { role: "instructor", ...holder, students: [], behind: false, ...attachment };
  }

  send(text: string): void {
    if (this.isBroken) throw new TypeError("Can't call WebSocket send() after close().");
    this.frames.push(v.parse(instructorFrameSchema, JSON.parse(text)));
  }

  close(code: number): void {
    if (this.isBroken) throw new TypeError("Already closed.");
    this.closes.push(code);
  }

  serializeAttachment(value: unknown): void {
    this.attachment = v.parse(attachmentSchema, value);
  }

  deserializeAttachment(): unknown {
    return this.attachment;
  }
}

function notebook(version: number): Entity {
  return { kind: "notebook", id: "a.ipynb", version, data: { path: "a.ipynb", cellCount: version } };
}

function run(studentId: string, slot: number): Entity {
  return { kind: "run", id: `${studentId}/${slot}`, version: 1, data: { studentId, executionId: "x" } };
}

function newWatchers(...sockets: FakeSocket[]) {
  let version = 0;
  let check: Result<unknown> = accept(true);
  let isReadable = true;
  const watchers = new Watchers({
    now: () => 1_000,
    epoch: () => epoch,
    version: () => version,
    entitiesSince: (since) => {
      if (!isReadable) throw new Error("disk I/O error");
      return version > since ? [notebook(version)] : [];
    },
    runs: (studentId, slots = [0]) => slots.map((slot) => run(studentId, slot)),
    sockets: () => sockets,
    check: () => check,
    concerns: ({ sections }, studentId) => sections === undefined || sections.includes(studentId),
    act: async () => accept({ reached: 1 }),
  });
  const change = (runs: ReadonlyMap<string, readonly number[]> = new Map()) => {
    version += 1;
    watchers.broadcast([notebook(version)], runs);
  };
  const say = (socket: FakeSocket, command: object | string) =>
    watchers.receive(socket, typeof command === "string" ? command : JSON.stringify(command));
  return {
    watchers,
    change,
    say,
    advance: () => (version += 1),
    setReadable: (readable: boolean) => (isReadable = readable),
    forbid: (code: "token_expired" | "token_revoked") => (check = refuse(code, "No more.")),
  };
}

test("a new watcher is sent all there is, and then each change from where the last frame ended", () => {
  const socket = new FakeSocket();
  const { watchers, change } = newWatchers(socket);
  change();
  socket.frames.length = 0;
  watchers.greet(socket, undefined);
  change();
  change();
  expect(socket.frames).toMatchObject([
    { type: "snapshot", epoch, to: 1, entities: [{ version: 1 }] },
    { type: "patch", from: 1, to: 2, entities: [{ version: 2 }] },
    { type: "patch", from: 2, to: 3, entities: [{ version: 3 }] },
  ]);
});

describe("a watcher that comes back", () => {
  test("is sent what it missed", () => {
    const socket = new FakeSocket();
    const { watchers, change } = newWatchers();
    change();
    change();
    watchers.greet(socket, { epoch, to: 1 });
    expect(socket.frames).toMatchObject([{ type: "patch", from: 1, to: 2, entities: [{ version: 2 }] }]);
  });

  test("from another epoch, or from a version that this class never had, is sent a snapshot", () => {
    const [stranger, prophet] = [new FakeSocket(), new FakeSocket()];
    const { watchers } = newWatchers();
    watchers.greet(stranger, { epoch: "other", to: 0 });
    watchers.greet(prophet, { epoch, to: 7 });
    expect([stranger, prophet].map(({ frames }) => frames[0]?.type)).toEqual(["snapshot", "snapshot"]);
  });
});

describe("a watcher that does not keep up", () => {
  test("is sent no more after eight unseen frames, and a snapshot when it next says what it saw", () => {
    const socket = new FakeSocket();
    const { watchers, change, say } = newWatchers(socket);
    watchers.greet(socket, undefined);
    for (let count = 0; count < 20; count += 1) change();
    expect(socket.frames).toHaveLength(limits.unseenFrames);
    say(socket, { type: "seen", epoch, to: 3 });
    expect(socket.frames.at(-1)).toMatchObject({ type: "snapshot", to: 20 });
    change();
    expect(socket.frames.at(-1)).toMatchObject({ type: "patch", from: 20, to: 21 });
  });

  test("whose snapshot could not be read is still owed one", () => {
    const socket = new FakeSocket({ behind: true });
    const { change, say, setReadable } = newWatchers(socket);
    change();
    setReadable(false);
    expect(() => say(socket, { type: "seen", epoch, to: 0 })).toThrow("disk I/O error");
    change();
    expect(socket.frames).toEqual([]);
    setReadable(true);
    say(socket, { type: "seen", epoch, to: 0 });
    expect(socket.frames).toMatchObject([{ type: "snapshot", to: 2 }]);
  });

  test("is never sent more than eight frames ahead of what it says it saw", () => {
    const socket = new FakeSocket();
    const { watchers, change, say } = newWatchers(socket);
    watchers.greet(socket, undefined);
    let seen = 0;
    for (let second = 0; second < 60; second += 1) {
      for (let count = 0; count < 25; count += 1) change();
      const versions = socket.frames.flatMap((frame) => ("to" in frame ? frame.to : []));
      const unseen = versions.filter((version) => version > seen);
      expect(unseen.length).toBeLessThanOrEqual(limits.unseenFrames);
      [seen = 0] = unseen;
      say(socket, { type: "seen", epoch, to: seen });
    }
    expect(seen).toBeGreaterThan(0);
  });

  test("is not let off by seeing a frame of another epoch, or one that it saw before", () => {
    const socket = new FakeSocket();
    const { watchers, change, say } = newWatchers(socket);
    watchers.greet(socket, undefined);
    for (let count = 0; count < 5; count += 1) change();
    say(socket, { type: "seen", epoch: "other", to: 5 });
    say(socket, { type: "seen", epoch, to: 0 });
    for (let count = 0; count < 5; count += 1) change();
    expect(socket.frames).toHaveLength(limits.unseenFrames + 1);
  });

  test("is sent no runs on subscribing, but with its snapshot", () => {
    const socket = new FakeSocket({ behind: true });
    const { say } = newWatchers(socket);
    say(socket, { type: "subscribe", students: ["ada"] });
    expect(socket.frames).toEqual([]);
    say(socket, { type: "seen", epoch, to: 0 });
    expect(socket.frames).toMatchObject([
      { type: "snapshot", entities: [{ kind: "notebook" }, { kind: "run" }] },
    ]);
  });

  test("costs the others nothing", () => {
    const [slow, quick] = [new FakeSocket(), new FakeSocket()];
    const { change, say } = newWatchers(slow, quick);
    for (let count = 1; count <= 20; count += 1) {
      change();
      say(quick, { type: "seen", epoch, to: count });
    }
    expect(quick.frames.map((frame) => "to" in frame && frame.to)).toEqual(
      Array.from({ length: 20 }, (_, i) => i + 1),
    );
    expect(slow.frames).toHaveLength(limits.unseenFrames);
  });

  test("is kept up again by a resume", () => {
    const socket = new FakeSocket({ behind: true });
    const { change, say } = newWatchers(socket);
    change();
    expect(socket.frames).toEqual([]);
    say(socket, { type: "resume", epoch, to: 0 });
    change();
    expect(socket.frames).toMatchObject([
      { type: "patch", from: 0, to: 1 },
      { type: "patch", from: 1, to: 2 },
    ]);
  });

  test("that says it saw a frame while keeping up is sent nothing for it", () => {
    const socket = new FakeSocket();
    const { change, say } = newWatchers(socket);
    change();
    say(socket, { type: "seen", epoch, to: 1 });
    expect(socket.frames).toHaveLength(1);
  });
});

describe("runs", () => {
  const runs = new Map([
    ["ada", [0]],
    ["grace", [2]],
  ]);
  const runsIn = (frame: InstructorFrame | undefined) =>
    frame && "entities" in frame
      ? frame.entities.filter(({ kind }) => kind === "run").map(({ id }) => id)
      : [];

  test("go to who follows their student, and to nobody else", () => {
    const [none, one, both] = [[], ["ada"], ["grace", "ada"]].map((students) => new FakeSocket({ students }));
    if (!none || !one || !both) throw new Error("three sockets");
    newWatchers(none, one, both).change(runs);
    expect([none, one, both].map(({ frames }) => runsIn(frames[0]))).toEqual([
      [],
      ["ada/0"],
      ["grace/2", "ada/0"],
    ]);
  });

  test("are sent on subscribing, without claiming that changes still waiting had been sent", () => {
    const socket = new FakeSocket();
    const { change, advance, say } = newWatchers(socket);
    change();
    advance();
    say(socket, { type: "subscribe", students: ["ada", "ada"] });
    expect(socket.frames.at(-1)).toMatchObject({
      type: "patch",
      from: 1,
      to: 1,
      entities: [{ id: "ada/0" }],
    });
    change();
    expect(socket.frames.at(-1)).toMatchObject({ from: 1, to: 3 });
  });

  test("do not lead back behind a snapshot that had more than the others' last frame", () => {
    const socket = new FakeSocket();
    const { watchers, change, say, advance } = newWatchers(socket);
    change();
    advance();
    watchers.greet(socket, undefined);
    say(socket, { type: "subscribe", students: ["ada"] });
    expect(socket.frames.slice(1)).toMatchObject([
      { type: "snapshot", to: 2 },
      { type: "patch", from: 2, to: 2 },
    ]);
  });

  test("are part of what a follower is sent on coming back", () => {
    const socket = new FakeSocket({ students: ["ada"] });
    newWatchers(socket).watchers.greet(socket, { epoch, to: 0 });
    expect(runsIn(socket.frames[0])).toEqual(["ada/0"]);
  });
});

describe("a credential that no longer stands", () => {
  test.each([
    ["token_expired", 4401],
    ["token_revoked", 4403],
  ] as const)("%s closes the connection with %i instead of the next frame", (code, closed) => {
    const socket = new FakeSocket();
    const { change, forbid } = newWatchers(socket);
    forbid(code);
    change();
    expect(socket.closes).toEqual([closed]);
    expect(socket.frames).toEqual([]);
  });

  test("commands nothing", () => {
    const socket = new FakeSocket();
    const { say, forbid } = newWatchers(socket);
    forbid("token_expired");
    say(socket, { type: "resume", epoch: "other", to: 0 });
    expect(socket.frames).toEqual([]);
    expect(socket.closes).toEqual([4401]);
  });

  test("is closed at once when the class says so", () => {
    const socket = new FakeSocket();
    const { watchers, forbid } = newWatchers(socket);
    watchers.dismissUnwelcome();
    expect(socket.closes).toEqual([]);
    forbid("token_revoked");
    watchers.dismissUnwelcome();
    expect(socket.closes).toEqual([4403]);
  });
});

test("a socket that is gone takes nothing from those who are there", () => {
  const [gone, here] = [new FakeSocket(), new FakeSocket()];
  gone.isBroken = true;
  const { change, say } = newWatchers(gone, here);
  change();
  say(gone, "no command");
  expect(here.frames).toHaveLength(1);
});

test.each([
  "",
  "{",
  "[]",
  '{"type":"reboot"}',
  '{"type":"seen"}',
  `{"type":"subscribe","students":${JSON.stringify(Array.from({ length: 9 }, String))}}`,
])("what is no command is answered with an error and does nothing: %s", (text) => {
  const socket = new FakeSocket();
  newWatchers(socket).say(socket, text);
  expect(socket.frames).toMatchObject([{ type: "error", code: "invalid_body" }]);
});

test("a connection's attachment stays far below the platform's 16 KiB", () => {
  const socket = new FakeSocket({ subject: "x".repeat(128) });
  newWatchers(socket).say(socket, {
    type: "subscribe",
    students: Array.from({ length: 8 }, (_, index) => `${index}${"語".repeat(63)}`),
  });
  expect(new TextEncoder().encode(JSON.stringify(socket.attachment)).length).toBeLessThan(4_096);
});
