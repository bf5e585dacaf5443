import type { EventDraft } from "@cell-monitor/client";
import { beforeEach, describe, expect, it } from "vitest";
import { HelpDesk } from "../src/help/help-desk.ts";
import { helpWords } from "../src/help/help-words.ts";
import { messagesFor } from "../src/messages.ts";
import { FakeStorage } from "./fake-storage.ts";

let recorded: EventDraft[];
let repeated: EventDraft[];
let store: FakeStorage;
let timers: Set<() => void>;
let nowMs: number;
let ids: number;

function makeDesk(): HelpDesk {
  const desk = new HelpDesk({
    record: (draft) => recorded.push(draft),
    repeat: (draft) => repeated.push(draft),
    place: () => ({ cellId: "cell", notebookPath: "course/a.ipynb" }),
    onChange: () => undefined,
    store,
    now: () => nowMs,
    newId: () => `help-${(ids += 1)}`,
    every: (delayMs, run) => {
      expect(delayMs).toBe(5_000);
      timers.add(run);
      return () => timers.delete(run);
    },
  });
  desk.open("class");
  return desk;
}

function tick(): void {
  nowMs += 5_000;
  for (const run of timers) run();
}

beforeEach(() => {
  recorded = [];
  repeated = [];
  store = new FakeStorage();
  timers = new Set();
  nowMs = 0;
  ids = 0;
});

describe("HelpDesk", () => {
  it("raises with a place, repeats without one while raised, and lowers by the same id", () => {
    const desk = makeDesk();
    desk.toggle();
    tick();
    tick();
    expect(desk.isRaised).toBe(true);
    desk.toggle();
    tick();
    expect(recorded).toEqual([
      { eventType: "help", helpId: "help-1", cellId: "cell", notebookPath: "course/a.ipynb" },
      { eventType: "help_stop", helpId: "help-1" },
    ]);
    expect(repeated).toEqual([
      { eventType: "help", helpId: "help-1" },
      { eventType: "help", helpId: "help-1" },
    ]);
    expect(desk.isRaised).toBe(false);
  });

  it("asks anew the next time", () => {
    const desk = makeDesk();
    for (let click = 0; click < 3; click += 1) desk.toggle();
    expect(recorded.map(({ helpId }) => helpId)).toEqual(["help-1", "help-1", "help-2"]);
  });

  it("keeps a raised hand over a reload, as the same request", () => {
    makeDesk().toggle();
    timers.clear();
    nowMs += 60_000;
    const reloaded = makeDesk();
    expect(reloaded.isRaised).toBe(true);
    tick();
    expect(repeated).toEqual([{ eventType: "help", helpId: "help-1" }]);
    reloaded.toggle();
    expect(recorded.at(-1)).toEqual({ eventType: "help_stop", helpId: "help-1" });
  });

  it("has lowered it when the class has forgotten it", () => {
    makeDesk().toggle();
    nowMs += 10 * 60_000;
    expect(makeDesk().isRaised).toBe(false);
  });

  it("is one hand in all tabs", () => {
    const [one, other] = [makeDesk(), makeDesk()];
    one.toggle();
    other.sync();
    expect(other.isRaised).toBe(true);
    other.toggle();
    one.sync();
    expect(one.isRaised).toBe(false);
    expect(timers.size).toBe(0);
    expect(recorded.map(({ eventType }) => eventType)).toEqual(["help", "help_stop"]);
  });

  it("says its place in the line, then who is on the way", () => {
    const desk = makeDesk();
    const label = (locale: "en" | "ja") => helpWords(desk, messagesFor(locale, "")).label;
    expect(label("en")).toBe("Help");
    desk.toggle();
    expect(label("en")).toBe("Help requested");
    desk.heard({ type: "help_state", helpId: "help-1", state: "waiting", position: 2 });
    expect([label("en"), label("ja")]).toEqual(["Help requested (no. 2 in line)", "質問中(2番目)"]);
    desk.heard({ type: "help_state", helpId: "help-1", state: "claimed", claimedBy: "Grace" });
    expect([label("en"), label("ja")]).toEqual(["Grace is on the way", "Graceが向かっています"]);
    desk.heard({ type: "help_state", helpId: "help-1", state: "claimed" });
    expect(label("en")).toBe("Your instructor is on the way");
    desk.toggle();
    desk.toggle();
    expect(label("en")).toBe("Help requested");
  });

  it("is lowered once an instructor has seen to it, and asks anew after", () => {
    const desk = makeDesk();
    desk.toggle();
    desk.heard({ type: "help_state", helpId: "help-1", state: "closed" });
    expect(desk.isRaised).toBe(false);
    expect(timers.size).toBe(0);
    expect(makeDesk().isRaised).toBe(false);
    desk.toggle();
    expect(recorded.map(({ eventType, helpId }) => [eventType, helpId])).toEqual([
      ["help", "help-1"],
      ["help", "help-2"],
    ]);
  });

  it("takes nothing from what is said of another request", () => {
    const desk = makeDesk();
    desk.toggle();
    desk.heard({ type: "help_state", helpId: "former", state: "closed" });
    desk.heard({ type: "help_state", helpId: "former", state: "claimed", claimedBy: "Grace" });
    expect(desk.isRaised).toBe(true);
    expect(desk.standing).toBeUndefined();
  });

  it("asks nobody while no class is joined", () => {
    const desk = makeDesk();
    desk.toggle();
    desk.close();
    desk.toggle();
    expect(desk.isRaised).toBe(false);
    expect(timers.size).toBe(0);
    expect(recorded).toHaveLength(1);
  });

  it("works in a browser that keeps nothing", () => {
    store.isFull = true;
    const desk = makeDesk();
    desk.toggle();
    tick();
    expect(repeated).toHaveLength(1);
  });
});
