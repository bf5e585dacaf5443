import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keepCredential, Sender, type SenderOptions, systemPlatform } from "@cell-monitor/client";
import { completenessSchema, type StudentCredential, studentCredentialSchema } from "@cell-monitor/protocol";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

import { Api } from "../src/api.ts";
import { Network } from "../src/simulator/network.ts";
import { type Stack, startStack } from "../src/stack.ts";
import { lookAt } from "./look-at.ts";

const patient = { timeout: 20_000, interval: 50 };

const dataDir = mkdtempSync(join(tmpdir(), "cell-monitor-"));
let stack: Stack;
let credential: StudentCredential;
let network: Network;
let sender: Sender;
let posted: number;
/** By socket. */
let said: string[];
let onSaid: () => void;
let notifications: unknown[];

beforeAll(async () => {
  stack = await startStack({ port: 0, dataDir });
}, 60_000);
afterAll(async () => {
  await stack.close();
  rmSync(dataDir, { recursive: true, force: true });
});

beforeEach(async () => {
  credential = await new Api(stack.url).call(studentCredentialSchema, "/auth/join", {
    body: { joinCode: stack.joinCode, name: "Ada" },
  });
  posted = 0;
  said = [];
  onSaid = () => undefined;
  notifications = [];
  network = new Network({
    ...systemPlatform,
    fetch: (url, init) => {
      if (url.endsWith("/events")) posted += 1;
      return fetch(url, init);
    },
    openSocket: (url, protocols) => {
      const socket = new WebSocket(url, protocols);
      const send = (text: string) => {
        said.push(text);
        WebSocket.prototype.send.call(socket, text);
        onSaid();
      };
      return Object.assign(socket, { send });
    },
  });
  sender = open();
});
afterEach(() => sender.close());

function open(options: Partial<SenderOptions> = {}): Sender {
  const { platform } = network;
  return new Sender({
    server: stack.url,
    classId: stack.classId,
    credentials: keepCredential({ server: stack.url, credential, isNew: true, platform }),
    platform,
    onNotifications: (told) => notifications.push(...told),
    ...options,
  });
}

function record(count: number): void {
  for (let index = 0; index < count; index += 1) sender.record({ eventType: "activity" });
}

const until = (assertion: () => unknown) => vi.waitFor(assertion, patient);
const connected = () => until(() => expect(sender.state.transport).toBe("socket"));
const allSent = () => until(() => expect(sender.state.unsent).toBe(0));

async function account() {
  const bearer = stack.instructorToken;
  const path = `/classes/${stack.classId}/completeness?limit=200`;
  const { students } = await new Api(stack.url).call(completenessSchema, path, { bearer });
  return students.find(({ student_id }) => student_id === credential.studentId)?.totals;
}

async function shown() {
  const { entities } = await lookAt(stack);
  const found = entities.find((entity) => entity.kind === "student" && entity.id === credential.studentId);
  return found?.kind === "student" ? found.data : undefined;
}

describe("a student's connection to a class", { timeout: 60_000 }, () => {
  it("takes the events by socket alone, and shows that the student is there", async () => {
    record(1);
    await allSent();
    expect(sender.state).toMatchObject({ link: "connected", transport: "socket", lost: 0 });
    record(500);
    await allSent();
    expect(await account()).toMatchObject({ received: 501, missing: 0 });
    expect(posted).toBe(0);
    expect(await shown()).toMatchObject({ connected: true });
    sender.close();
    await until(async () => expect((await shown())?.connected).not.toBe(true));
  });

  it("goes on by HTTP where there is no socket, and means the same", async () => {
    sender.close();
    sender = open({ platform: { ...systemPlatform, openSocket: () => new WebSocket("ws://127.0.0.1:1") } });
    record(150);
    await allSent();
    expect(sender.state.transport).toBe("http");
    expect(await account()).toMatchObject({ received: 150, missing: 0, lost: 0 });
  });

  it("loses nothing and doubles nothing when it is cut over and over with frames on their way", async () => {
    await connected();
    let cuts = 0;
    onSaid = () => {
      if (cuts === 3 || said.length % 2 !== 0) return;
      cuts += 1;
      // The frame has left, and nothing has been heard of it.
      network.cut();
      setImmediate(() => {
        network.mend();
        sender.wake();
      });
    };
    record(1_300);
    await allSent();
    await connected();
    expect(await account()).toMatchObject({ received: 1_300, missing: 0, lost: 0 });
    expect(cuts).toBe(3);
    expect(sender.state.lost).toBe(0);
    const stored = `SELECT count(*) AS events FROM progress_events WHERE student_id = '${credential.studentId}'`;
    await until(async () => expect(await stack.gateway.query(stored)).toEqual([{ events: "1300" }]));
  });

  it("goes on when its token is renewed", async () => {
    const { platform } = network;
    const kept = keepCredential({ server: stack.url, credential, isNew: true, platform });
    sender.close();
    sender = open({ credentials: kept });
    await connected();
    // Within a second of the first, another token would be the same.
    await until(async () => {
      await kept.refresh();
      expect(kept.token()).not.toBe(credential.token);
    });
    record(1);
    await allSent();
    expect(said.filter((text) => text.includes(kept.token() ?? "none"))).toHaveLength(1);
    expect(sender.state.transport).toBe("socket");
    expect(posted).toBe(0);
  });

  it("hears where its request for help stands", async () => {
    sender.record({ eventType: "help", helpId: "help-1" });
    await until(() =>
      expect(notifications).toEqual([expect.objectContaining({ helpId: "help-1", state: "waiting" })]),
    );
    sender.record({ eventType: "help_stop", helpId: "help-1" });
    await until(() => expect(notifications.at(-1)).toMatchObject({ helpId: "help-1", state: "closed" }));
  });
});
