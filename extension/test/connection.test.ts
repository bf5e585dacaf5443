import type { Platform } from "@cell-monitor/client";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { Connection, type JoinRequest } from "../src/connection.ts";
import { Memberships } from "../src/memberships.ts";
import { FakeSocket } from "../../client/test/fake-sockets.ts";
import { FakeStorage } from "./fake-storage.ts";

const request: JoinRequest = {
  serverUrl: "https://class.example/",
  joinCode: "ABC",
  userName: "Hanako",
  teamName: "",
  notebooks: [],
};
const credential = {
  token: "token",
  refreshToken: "refresh",
  expiresAt: "2026-11-22T10:15:00.000Z",
  studentId: "student",
  classId: "class",
};

let store: FakeStorage;
let memberships: Memberships;
let calls: string[];
let bodies: unknown[];
let answers: (Response | Promise<Response>)[];
let happened: string[];
let sockets: FakeSocket[];
let hasSockets: boolean;
let told: unknown[];
let timers: { delayMs: number; run: () => void }[];
let connection: Connection;

function refusal(status: number, message: string): Response {
  return Response.json({ error: { code: "not_found", message } }, { status });
}

function makeConnection(): Connection {
  const platform: Platform = {
    fetch: (url, init) => {
      calls.push(new URL(url).pathname);
      bodies.push(typeof init?.body === "string" ? JSON.parse(init.body) : undefined);
      const answer = answers.shift();
      return answer ? Promise.resolve(answer) : Promise.reject(new Error("offline"));
    },
    ...(hasSockets && {
      openSocket: (url, protocols) => {
        const socket = new FakeSocket(url, protocols);
        sockets.push(socket);
        return socket;
      },
    }),
    now: () => 0,
    elapsed: () => 0,
    random: () => 0,
    newId: () => "id",
    after: (delayMs, run) => {
      const timer = { delayMs, run };
      timers.push(timer);
      return () => (timers = timers.filter((each) => each !== timer));
    },
  };
  return new Connection({
    memberships,
    platform,
    onState: () => undefined,
    onOpened: ({ classId }) => happened.push(`opened ${classId}`),
    onClosed: () => happened.push("closed"),
    onProblem: (message) => happened.push(message),
    onNotifications: (notifications) => told.push(...notifications),
  });
}

const fire = () => timers.shift()?.run();

beforeEach(() => {
  store = new FakeStorage();
  memberships = new Memberships(store, "/user/hanako/");
  calls = [];
  bodies = [];
  answers = [];
  happened = [];
  sockets = [];
  hasSockets = false;
  told = [];
  timers = [];
  connection = makeConnection();
});

describe("joining", () => {
  it("again is as the same student under the same name, and as a new one under another", async () => {
    answers = [1, 2, 3].map(() => Response.json(credential));
    await connection.join(request);
    await connection.join(request);
    await connection.join({ ...request, userName: "Taro" });
    expect(bodies).toEqual([
      { joinCode: "ABC", name: "Hanako" },
      { joinCode: "ABC", name: "Hanako", refreshToken: "refresh" },
      { joinCode: "ABC", name: "Taro" },
    ]);
  });

  it("keeps the credential, so that a reload goes on without joining again", async () => {
    answers = [Response.json(credential)];
    expect(await connection.join(request)).toEqual({ ok: true });
    const reloaded = makeConnection();
    await reloaded.resume(request);
    expect(calls).toEqual(["/api/v1/auth/join"]);
    expect(happened).toEqual(["opened class", "opened class"]);
    expect(reloaded.state.link).toBe("connected");
  });

  it("tells why a code was refused, and joins nothing", async () => {
    answers = [refusal(404, "There is no such class.")];
    expect(await connection.join(request)).toEqual({ ok: false, message: "There is no such class." });
    expect(connection.state.link).toBe("apart");
    expect(happened).toEqual([]);
  });

  it("happens by itself when the settings say everything, and waits for a server that is away", async () => {
    await connection.resume(request);
    expect(connection.state.link).toBe("joining");
    answers = [Response.json(credential)];
    fire();
    await vi.waitFor(() => expect(happened).toEqual(["opened class"]));
  });

  it("waits longer each time", async () => {
    await connection.resume(request);
    const delays: number[] = [];
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await vi.waitFor(() => expect(timers).toHaveLength(1));
      delays.push(timers[0]?.delayMs ?? 0);
      fire();
    }
    expect(delays).toEqual([1_000, 2_000, 4_000]);
  });

  it("asks no second time a server that said no", async () => {
    answers = [refusal(404, "There is no such class.")];
    await connection.resume(request);
    await connection.resume(request);
    expect(calls).toHaveLength(1);
    expect(timers).toEqual([]);
    expect(happened).toEqual(["There is no such class."]);
  });

  it.each(["serverUrl", "joinCode", "userName"] as const)("does not happen without %s", async (field) => {
    await connection.resume({ ...request, [field]: "" });
    expect(calls).toEqual([]);
    expect(connection.state.link).toBe("apart");
  });

  it("takes another server's address, or another Hub user, for another membership", async () => {
    answers = [Response.json(credential)];
    await connection.join(request);
    const key = memberships.keyOf("https://class.example", "ABC");
    expect(memberships.load(key)).toEqual(credential);
    expect(memberships.load(memberships.keyOf("https://other.example", "ABC"))).toBeUndefined();
    expect(new Memberships(store, "/user/taro/").load(key)).toEqual(credential);
    expect(new Memberships(store, "/user/taro/").keyOf("https://class.example", "ABC")).not.toBe(key);
  });
});

describe("what the class tells the student", () => {
  const notice = { type: "system_message", id: "1", at: 0, channel: "broadcast", text: "Five minutes to go" };

  it("comes by a socket to the class, with nothing to send", async () => {
    hasSockets = true;
    connection = makeConnection();
    answers = [Response.json(credential)];
    await connection.join(request);
    sockets[0]?.accept();
    sockets[0]?.say(notice);
    expect(sockets.map(({ url }) => url.href)).toEqual(["wss://class.example/api/v1/live/class?session=id"]);
    expect(told).toEqual([notice]);
  });

  it("comes along with an answer where there are no sockets", async () => {
    const ack = { accepted: 1, duplicates: 0, rejected: [], acks: [], message: "" };
    answers = [Response.json(credential), Response.json({ ...ack, notifications: [notice] })];
    await connection.join(request);
    connection.record({ eventType: "help" });
    fire();
    await vi.waitFor(() => expect(told).toEqual([notice]));
  });
});

describe("leaving", () => {
  it("another class in the settings closes this one first", async () => {
    answers = [Response.json(credential), Response.json({ ...credential, classId: "other" })];
    await connection.join(request);
    await connection.resume({ ...request, joinCode: "XYZ" });
    expect(happened).toEqual(["opened class", "closed", "opened other"]);
  });

  it("a refused refresh token ends the membership and says so", async () => {
    answers = [
      Response.json(credential),
      refusal(401, "The token has expired."),
      refusal(401, "You are not in this class any more."),
    ];
    await connection.join(request);
    connection.record({ eventType: "help" });
    fire();
    await vi.waitFor(() => expect(connection.state.link).toBe("apart"));
    expect(happened).toEqual(["opened class", "closed", "You are not in this class any more."]);
    expect(memberships.load(memberships.keyOf("https://class.example", "ABC"))).toBeUndefined();
  });

  it("an answer that comes after another class was chosen changes nothing", async () => {
    const late = Promise.withResolvers<Response>();
    answers = [late.promise, Response.json({ ...credential, classId: "other" })];
    const joining = connection.join(request);
    await connection.join({ ...request, joinCode: "XYZ" });
    late.resolve(Response.json(credential));
    expect(await joining).toMatchObject({ ok: false });
    expect(happened).toEqual(["opened other"]);
  });
});
