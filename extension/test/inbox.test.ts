import type { NoticeFrame } from "@cell-monitor/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { Inbox } from "../src/notices/inbox.ts";
import { FakeStorage } from "./fake-storage.ts";

interface Page {
  readonly inbox: Inbox;
  readonly shown: string[];
  isSeen: boolean;
}

let store: FakeStorage;

function makePage({ isSeen = true, key = "class" } = {}): Page {
  const shown: string[] = [];
  const page = { isSeen, shown };
  const inbox = new Inbox({
    store,
    isSeen: () => page.isSeen,
    show: ({ id }) => shown.push(id),
  });
  inbox.open(key);
  return Object.assign(page, { inbox });
}

function notice(id: string): NoticeFrame {
  return { type: "message", id, at: 0, channel: "notifications:student", text: `Text ${id}` };
}

beforeEach(() => {
  store = new FakeStorage();
});

describe("Inbox", () => {
  it("shows each notice once, in order, however often the class tells it", () => {
    const { inbox, shown } = makePage();
    inbox.receive([notice("a"), notice("b")]);
    inbox.receive([notice("b"), notice("c"), notice("c")]);
    expect(shown).toEqual(["a", "b", "c"]);
  });

  it("shows nothing again after a reload", () => {
    makePage().inbox.receive([notice("a")]);
    const reloaded = makePage();
    reloaded.inbox.receive([notice("a"), notice("b")]);
    expect(reloaded.shown).toEqual(["b"]);
  });

  it.each(["the seen one first", "the hidden one first"])(
    "shows what two tabs hear only in the one that is seen: %s",
    (order) => {
      const [seen, hidden] = [makePage(), makePage({ isSeen: false })];
      const tabs = order === "the seen one first" ? [seen, hidden] : [hidden, seen];
      for (const { inbox } of tabs) inbox.receive([notice("a")]);
      hidden.isSeen = true;
      hidden.inbox.look();
      seen.inbox.look();
      expect(seen.shown).toEqual(["a"]);
      expect(hidden.shown).toEqual([]);
    },
  );

  it("keeps what nobody has seen for whoever looks first, be it after a reload", () => {
    const hidden = makePage({ isSeen: false });
    hidden.inbox.receive([notice("a")]);
    expect(hidden.shown).toEqual([]);
    expect(makePage().shown).toEqual(["a"]);
    hidden.isSeen = true;
    hidden.inbox.look();
    expect(hidden.shown).toEqual([]);
  });

  it("shows nothing again that another tab, unaware, wrote back as waiting", () => {
    const { inbox, shown } = makePage();
    inbox.receive([notice("a")]);
    store.setItem("class:notices", JSON.stringify({ waiting: [notice("a")], shown: [] }));
    inbox.look();
    expect(shown).toEqual(["a"]);
    expect(makePage().shown).toEqual(["a"]);
  });

  it("is another one for another student, and shows nothing once the class is left", () => {
    makePage({ isSeen: false }).inbox.receive([notice("a")]);
    const other = makePage({ key: "other" });
    other.inbox.close();
    other.inbox.receive([notice("b")]);
    expect(other.shown).toEqual([]);
  });

  it.each(["not JSON", '{"waiting":[{"type":"message"}],"shown":[]}'])(
    "survives what it can't read: %s",
    (kept) => {
      store.setItem("class:notices", kept);
      const { inbox, shown } = makePage();
      inbox.receive([notice("a")]);
      expect(shown).toEqual(["a"]);
    },
  );

  it("shows each once in a browser that keeps nothing, also what came while hidden", () => {
    store.isFull = true;
    const page = makePage({ isSeen: false });
    page.inbox.receive([notice("a")]);
    page.isSeen = true;
    page.inbox.receive([notice("a"), notice("b")]);
    page.inbox.receive([notice("a"), notice("b")]);
    expect(page.shown).toEqual(["a", "b"]);
  });

  it("stays small however much is told", () => {
    const { inbox } = makePage();
    for (let n = 0; n < 300; n += 1) inbox.receive([notice(`${n}`)]);
    expect(JSON.parse(store.getItem("class:notices") ?? "").shown).toHaveLength(100);
  });
});
