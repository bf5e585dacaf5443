import type { EventDraft, Platform } from "@cell-monitor/client";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { Consent } from "../src/consent/consent.ts";

interface Call {
  readonly method: string;
  readonly token: string;
  readonly body: unknown;
}

let calls: Call[];
let answers: Response[];
let timers: (() => void)[];
let recorded: EventDraft[];
let asked: number;
let token: string;
let consent: Consent;

const told = (changes: object = {}) =>
  Response.json({
    class_id: "class",
    version: 2,
    text: "We keep what you run.",
    capture_level: "activity",
    retention_days: 180,
    choice: null,
    chosen_version: null,
    chosen_at: null,
    ...changes,
  });
const accepted = { choice: "accepted", chosen_version: 2 };
const refused = { choice: "refused", chosen_version: 2 };
const refusal = (status: number) => Response.json({ error: { code: "x", message: "x" } }, { status });
const types = () => recorded.map(({ eventType }) => eventType);
const run = { eventType: "cell_execution_start", cellId: "c" };

beforeEach(() => {
  calls = [];
  answers = [];
  timers = [];
  recorded = [];
  asked = 0;
  token = "old";
  const platform: Platform = {
    fetch: (_, init) => {
      const body: unknown = typeof init.body === "string" ? JSON.parse(init.body) : undefined;
      const bearer = new Headers(init.headers).get("authorization") ?? "";
      calls.push({ method: init.method ?? "", token: bearer, body });
      const answer = answers.shift();
      return answer ? Promise.resolve(answer) : Promise.reject(new Error("offline"));
    },
    now: () => 0,
    elapsed: () => 0,
    random: () => 0,
    newId: () => "id",
    after: (_, fire) => {
      timers.push(fire);
      return () => (timers = timers.filter((each) => each !== fire));
    },
  };
  consent = new Consent({
    server: "https://class.example",
    credentials: {
      token: () => token,
      refresh: () => {
        token = "new";
        return Promise.resolve("renewed");
      },
    },
    platform,
    record: (draft) => recorded.push(draft),
    onAsk: () => (asked += 1),
    onChange: () => undefined,
  });
  consent.record({ eventType: "session_start", metadata: { labVersion: "4" } });
  consent.record(run);
});

describe("what a student shares", () => {
  it("waits for the server's word, and then goes as it happened", async () => {
    expect(recorded).toEqual([]);
    answers = [told({ text: "" })];
    await consent.look();
    expect(asked).toBe(0);
    expect(types()).toEqual(["session_start", "cell_execution_start"]);
    expect(recorded[1]).toMatchObject({ eventTime: "1970-01-01T00:00:00.000Z", cellId: "c" });
    consent.record(run);
    expect(recorded).toHaveLength(3);
  });

  it("is nothing before they agree, and what they do from then on", async () => {
    answers = [told(), told(accepted)];
    await consent.look();
    expect([asked, consent.sharing]).toEqual([1, "asked"]);
    consent.record(run);
    expect(recorded).toEqual([]);
    expect(await consent.choose(2, "accepted")).toBe(true);
    expect(calls[1]).toMatchObject({ method: "PUT", body: { version: 2, choice: "accepted" } });
    expect(types()).toEqual(["session_start"]);
    consent.record(run);
    expect(types()).toEqual(["session_start", "cell_execution_start"]);
  });

  it("is that they are there, and no more, if they refuse", async () => {
    answers = [told(), told(refused)];
    await consent.look();
    await consent.choose(2, "refused");
    consent.record(run);
    consent.record({ eventType: "session_end", lastSequence: 2 });
    expect(types()).toEqual(["session_start", "session_end"]);
    expect(recorded[0]).not.toHaveProperty("metadata");
  });

  it.for([
    [accepted, "shared"],
    [refused, "refused"],
    [{ text: "", choice: "refused", chosen_version: 1 }, "refused"],
  ] as const)("is not asked for again of the same text: %j is %s", async ([choice, sharing]) => {
    answers = [told(choice)];
    await consent.look();
    expect([asked, consent.sharing]).toEqual([0, sharing]);
  });

  it("is asked for anew when the text is another", async () => {
    answers = [told({ choice: "accepted", chosen_version: 1 })];
    await consent.look();
    expect([asked, consent.sharing]).toEqual([1, "asked"]);
  });

  it("is asked for with the text as it is now when that changed under the question", async () => {
    answers = [told(), refusal(409), told({ version: 3, text: "More." })];
    await consent.look();
    expect(await consent.choose(2, "accepted")).toBe(true);
    expect([asked, consent.sharing, consent.text?.text]).toEqual([2, "asked", "More."]);
    expect(recorded).toEqual([]);
  });

  it("ends at once when they refuse, though the server cannot be told; and agreeing needs it", async () => {
    answers = [told(accepted)];
    await consent.look();
    expect(await consent.choose(2, "refused")).toBe(false);
    expect(consent.sharing).toBe("refused");
    expect(await consent.choose(2, "accepted")).toBe(false);
    expect(consent.sharing).toBe("refused");
  });

  it("ends when the class says that they refused elsewhere", async () => {
    answers = [told(accepted), told(refused)];
    await consent.look();
    consent.rejected([{ index: 0, eventId: "e", code: "consent_refused", message: "" }]);
    consent.record(run);
    await vi.waitFor(() => expect(consent.text?.choice).toBe("refused"));
    expect([consent.sharing, asked]).toEqual(["refused", 0]);
    expect(types()).toEqual(["session_start", "cell_execution_start"]);
  });

  it("is all, as before, where the server asks nothing of anybody", async () => {
    answers = [refusal(404)];
    await consent.look();
    expect(consent.sharing).toBe("shared");
  });

  it("waits for a server that is away, held within bounds, the session's beginning with it", async () => {
    await consent.look();
    for (let each = 0; each < 2_000; each += 1) consent.record(run);
    answers = [refusal(503)];
    timers.shift()?.();
    await vi.waitFor(() => expect(timers).toHaveLength(1));
    answers = [told(accepted)];
    timers.shift()?.();
    await vi.waitFor(() => expect(recorded).toHaveLength(1_000));
    expect(types()[0]).toBe("session_start");
  });

  it("is asked after with a fresh token when the old one is refused", async () => {
    answers = [refusal(401), told(accepted)];
    await consent.look();
    expect(calls.map((call) => call.token)).toEqual(["Bearer old", "Bearer new"]);
    expect(consent.sharing).toBe("shared");
  });

  it("is not looked after any more once the class is left", async () => {
    await consent.look();
    consent.close();
    expect(timers).toEqual([]);
  });
});
