import type { Entity, PatchFrame, StudentData } from "@cell-monitor/protocol";
import { cleanup, fireEvent, screen, within } from "@solidjs/testing-library";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type FakeServer, installFakeServer, me, refusal } from "../fixtures/fake-server.ts";
import { sampleEpoch, sampleRuns, sampleSnapshot, student } from "../fixtures/sample-class.ts";
import { showPage } from "../fixtures/show-page.tsx";

const notebook = "intro.ipynb";
const startMs = Date.parse("2026-04-20T01:00:00Z");

function entity(id: string, version: number, data: Partial<StudentData> | null): Entity {
  return {
    kind: "student",
    id,
    version,
    data: data && student({ name: id, activeMs: startMs, seenMs: startMs, ...data }),
  };
}

describe("the class at a glance", () => {
  let server: FakeServer;
  let version: number;
  let serverAheadMs: number;

  beforeEach(() => {
    vi.useFakeTimers({ now: startMs });
    server = installFakeServer();
    version = 10;
    serverAheadMs = 0;
  });

  afterEach(() => {
    cleanup();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  const settle = (forMs = 50) => vi.advanceTimersByTimeAsync(forMs);

  async function openClass(students: Record<string, Partial<StudentData>>, path = "/class/class-1") {
    showPage(path);
    await settle();
    server.socket().open();
    const { entities, ...rest } = sampleSnapshot(0, Date.now() + serverAheadMs, version);
    server.socket().deliver({
      ...rest,
      entities: [
        ...entities,
        { kind: "notebook", id: notebook, version: 1, data: { path: notebook, cellCount: 6 } },
        ...Object.entries(students).map(([id, data]) => entity(id, 1, data)),
      ],
    });
    await settle();
  }

  async function patch(entities: (to: number) => Entity[]) {
    const from = version;
    version += 1;
    const frame: PatchFrame = {
      type: "patch",
      epoch: sampleEpoch,
      from,
      to: version,
      at: Date.now() + serverAheadMs,
      entities: entities(version),
    };
    server.socket().deliver(frame);
    await settle();
  }

  const tiles = () => screen.queryAllByTestId("student-tile");
  const names = () => tiles().map((tile) => tile.dataset["studentId"]);
  const tile = (id: string) => {
    const found = tiles().find((candidate) => candidate.dataset["studentId"] === id);
    if (!found) throw new Error(`There is no tile of ${id}.`);
    return found;
  };
  const chip = (status: string) => {
    const found = screen
      .getAllByTestId("status-chip")
      .find((candidate) => candidate.dataset["status"] === status);
    if (!found) throw new Error(`There is no chip for ${status}.`);
    return found;
  };
  const raised = { help: { helpId: "h-1", sinceMs: startMs - 65_000, note: "Which loop?" } };
  const failed: Partial<StudentData> = {
    streak: 1,
    lastRun: { status: "error", endedMs: startMs, errorName: "NameError", notebook, cellIndex: 2 },
    place: { notebook, cellIndex: 2 },
  };

  it("shows each student's status, place and last run", async () => {
    await openClass({ Ann: { ...failed, team: "Team A", cellsDone: 2 } });
    const shown = tile("Ann");
    expect(shown.dataset["status"]).toBe("error");
    expect(shown.dataset["cellIndex"]).toBe("2");
    expect(shown.textContent).toContain("3 / 6");
    expect(shown.textContent).toContain("NameError");
    expect(shown.textContent).toContain("Team A");
  });

  it("puts who needs help first, with how long they have waited and why", async () => {
    await openClass({ Ann: {}, Bob: failed, Cid: { ...failed, streak: 3 }, Dee: raised });
    expect(names()).toEqual(["Dee", "Cid", "Bob", "Ann"]);
    expect(tile("Dee").textContent).toContain("1:05");
    expect(tile("Dee").textContent).toContain("Which loop?");
  });

  it("ticks while a cell runs", async () => {
    await openClass({ Ann: { running: { executionId: "x", startedMs: startMs, notebook, cellIndex: 4 } } });
    await settle(7_500);
    expect(tile("Ann").textContent).toMatch(/Running.*0:07/);
  });

  it("finds out by itself that somebody has become idle", async () => {
    await openClass({ Ann: {} });
    expect(tile("Ann").dataset["status"]).toBe("active");
    for (let ping = 0; ping < 15; ping += 1) {
      await settle(20_000);
      server.socket().deliver("pong");
    }
    await settle(1_000);
    expect(tile("Ann").dataset["status"]).toBe("idle");
  });

  it("says of a student what has not been received, on the tile and closely, until it has or the day is over", async () => {
    await openClass({ Ann: { missing: 3 }, Bob: { missing: 1, seenMs: startMs - 86_400_000 } });
    expect(tile("Ann").textContent).toContain("3 events not received yet");
    expect(tile("Bob").textContent).not.toContain("not received");
    fireEvent.click(tile("Ann"));
    await settle();
    expect(screen.getByTestId("student-panel").textContent).toContain("3 events not received yet");
    await patch((to) => [entity("Ann", to, { missing: 1 })]);
    expect(tile("Ann").textContent).toContain("1 event not received yet");
    await patch((to) => [entity("Ann", to, {})]);
    expect(tile("Ann").textContent).not.toContain("not received");
    expect(screen.getByTestId("student-panel").textContent).not.toContain("not received");
  });

  it("reckons by the server's clock where this computer's is wrong", async () => {
    serverAheadMs = 3_600_000;
    vi.setSystemTime(startMs - serverAheadMs);
    await openClass({ Ann: raised });
    expect(tile("Ann").textContent).toContain("1:05");
  });

  it("counts students by status and shows only those of a chosen one", async () => {
    await openClass({ Ann: {}, Bob: failed, Cid: {} });
    expect(chip("active").textContent).toContain("2");
    expect(chip("help").textContent).toContain("0");
    fireEvent.click(chip("error"));
    expect(chip("error").getAttribute("aria-pressed")).toBe("true");
    expect(names()).toEqual(["Bob"]);
    fireEvent.click(chip("error"));
    expect(names()).toHaveLength(3);
  });

  it("comes to show a class of two hundred, who needs help first", async () => {
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`Student ${index}`, {}]));
    await openClass({ ...many, Zoe: raised });
    await settle(500);
    expect(tiles()).toHaveLength(201);
    expect(names()[0]).toBe("Zoe");
  });

  it("finds students by name or team", async () => {
    await openClass({ Ann: { team: "Owls" }, Bob: { team: "Foxes" } });
    fireEvent.input(screen.getByRole("searchbox"), { target: { value: "fox" } });
    expect(names()).toEqual(["Bob"]);
    fireEvent.click(screen.getByRole("button", { name: "Show all" }));
    expect(names()).toHaveLength(2);
  });

  it("shows how many are at each cell, and who they are when one is chosen", async () => {
    await openClass({ Ann: failed, Bob: { place: { notebook, cellIndex: 4 } }, Cid: failed });
    const cells = screen.getAllByTestId("strip-cell");
    expect(cells.map((cell) => cell.dataset["total"])).toEqual(["0", "0", "2", "0", "1", "0"]);
    fireEvent.click(screen.getByRole("button", { name: "Cell 3: 2 students, 2 with an error" }));
    expect(names()).toEqual(["Ann", "Cid"]);
  });

  it("tells of raised hands in the tab's title, and aloud of new ones only", async () => {
    await openClass({ Ann: {}, Bob: raised });
    expect(document.title).toBe("(1✋) Introduction to Python · Cell Monitor");
    expect(screen.queryByText(/raised a hand\./)).toBeNull();
    await patch((to) => [entity("Ann", to, { help: { helpId: "h-2", sinceMs: startMs } })]);
    expect(document.title).toMatch(/^\(2✋\)/);
    expect(screen.getByText("Ann raised a hand.").getAttribute("aria-live")).toBe("polite");
    await patch((to) => [entity("Ann", to, {}), entity("Bob", to, {})]);
    expect(document.title).toBe("Introduction to Python · Cell Monitor");
  });

  it("moves a raised hand to the front without being asked", async () => {
    await openClass({ Ann: {}, Bob: {}, Cid: {} });
    await settle(2_000);
    await patch((to) => [entity("Cid", to, raised)]);
    expect(names()).toEqual(["Cid", "Ann", "Bob"]);
  });

  it("tells the server what it has shown, once per animation frame", async () => {
    await openClass({ Ann: {} });
    const before = server.socket().commands().length;
    for (const to of [11, 12, 13]) {
      server
        .socket()
        .deliver({ type: "patch", epoch: sampleEpoch, from: to - 1, to, at: startMs, entities: [] });
    }
    await settle();
    expect(server.socket().commands().slice(before)).toEqual([{ type: "seen", epoch: sampleEpoch, to: 13 }]);
  });

  it("asks once for what it missed", async () => {
    await openClass({ Ann: {} });
    for (const to of [15, 16]) {
      server
        .socket()
        .deliver({ type: "patch", epoch: sampleEpoch, from: to - 1, to, at: startMs, entities: [] });
      await settle();
    }
    const resumes = server
      .socket()
      .commands()
      .filter((command) => JSON.stringify(command).includes("resume"));
    expect(resumes).toEqual([{ type: "resume", epoch: sampleEpoch, to: 10 }]);
  });

  it("says when it isn't live, stops its clocks, and catches up where it was", async () => {
    await openClass({ Ann: raised });
    const state = () => screen.getByTestId("live-state").dataset["state"];
    expect(state()).toBe("live");
    server.socket().drop();
    expect(state()).toBe("connecting");
    await settle();
    server.socket().drop();
    expect(state()).toBe("offline");
    const waited = tile("Ann").textContent;
    await settle(3_000);
    expect(tile("Ann").textContent).toBe(waited);
    window.dispatchEvent(new Event("online"));
    expect(server.urls.at(-1)?.search).toBe(`?epoch=${sampleEpoch}&to=10`);
    server.socket().open();
    await patch(() => []);
    expect(state()).toBe("live");
    expect(names()).toEqual(["Ann"]);
  });

  it("goes to the login page when the session ends", async () => {
    await openClass({ Ann: {} });
    server.answers.set("GET /api/v1/auth/me", refusal(401, "token_expired"));
    server.socket().drop(4401);
    await settle();
    expect(location.pathname).toBe("/login");
    expect(screen.getByText(/You were signed out/)).toBeTruthy();
  });

  it("shows an empty class how students come in", async () => {
    await openClass({});
    const empty = screen.getByTestId("empty-class");
    expect(empty.textContent).toContain("pip install cell-monitor");
    expect(within(empty).getByText("KITE-4827")).toBeTruthy();
  });

  describe("a student who does not share", () => {
    const choose = (notSharing?: string[]) =>
      patch((to) => {
        const { entities } = sampleSnapshot(0, startMs, to);
        return entities.flatMap((known) =>
          known.kind === "class" && known.data
            ? [{ ...known, version: to, data: { ...known.data, ...(notSharing && { notSharing }) } }]
            : [],
        );
      });

    it("has a state of their own, which says nothing of what was known before", async () => {
      await openClass({ Ann: { ...failed, streak: 3 }, Bob: {}, Cid: { present: false } });
      expect(screen.getAllByTestId("status-chip").map((each) => each.dataset["status"])).not.toContain(
        "not_sharing",
      );
      await choose(["Ann"]);
      const shown = tile("Ann");
      expect(shown.dataset["status"]).toBe("not_sharing");
      expect(shown.dataset["cellIndex"]).toBeUndefined();
      expect(shown.textContent).not.toContain("NameError");
      expect(shown.textContent).toContain("Is here");
      await settle(10_000);
      expect(names()).toEqual(["Bob", "Ann", "Cid"]);
      fireEvent.click(chip("not_sharing"));
      expect(names()).toEqual(["Ann"]);
    });

    it("is seen to raise a hand, and nothing else", async () => {
      await openClass({ Ann: { ...failed, help: { helpId: "h-1", sinceMs: startMs - 65_000 } }, Bob: {} });
      await choose(["Ann"]);
      const shown = tile("Ann");
      expect(shown.dataset["status"]).toBe("help");
      expect(shown.textContent).toContain("1:05");
      expect(shown.textContent).not.toContain("NameError");
      expect(shown.dataset["cellIndex"]).toBeUndefined();
    });

    it("is told of in the panel, and is seen at work again when they share again", async () => {
      await openClass({ Ann: failed }, "/class/class-1/student/Ann");
      await choose(["Ann"]);
      expect(screen.getByTestId("not-sharing").textContent).toContain("Ann has chosen not to share");
      await choose();
      expect(screen.queryByTestId("not-sharing")).toBeNull();
      expect(tile("Ann").dataset["status"]).toBe("error");
      expect(tile("Ann").textContent).toContain("NameError");
    });
  });

  it("says which store is failing", async () => {
    await openClass({ Ann: {} });
    expect(screen.getByTestId("storage-state").dataset["state"]).toBe("ok");
    await patch((to) => [
      { kind: "sink", id: "influx", version: to, data: { behind: 7, failing: true, deadLetters: 2 } },
    ]);
    const storage = screen.getByTestId("storage-state");
    expect(storage.dataset["state"]).toBe("failing");
    expect(storage.textContent).toMatch(/influx.*failing.*2 set aside/);
  });

  it("speaks Japanese when asked to", async () => {
    await openClass({ Ann: raised });
    fireEvent.change(screen.getByRole("combobox", { name: "Language" }), { target: { value: "ja" } });
    expect(tile("Ann").textContent).toContain("ヘルプ要請");
    expect(document.documentElement.lang).toBe("ja");
    fireEvent.change(screen.getByRole("combobox", { name: "言語" }), { target: { value: "en" } });
  });

  describe("a student's panel", () => {
    const runs = (): Entity[] => sampleRuns("Ann", startMs);

    it("opens from the tile, asks for the runs, and shows them as they come", async () => {
      await openClass({ Ann: raised, Bob: {} });
      fireEvent.click(tile("Ann"));
      await settle();
      expect(location.pathname).toBe("/class/class-1/student/Ann");
      expect(server.socket().commands()).toContainEqual({ type: "subscribe", students: ["Ann"] });
      await patch(runs);
      const shown = screen.getAllByTestId("recent-run");
      expect(shown.map((run) => run.dataset["status"]).slice(0, 4)).toEqual([
        "running",
        "error",
        "error",
        "ok",
      ]);
      expect(shown[1]?.textContent).toContain("NameError: name 'totl' is not defined");
      expect(shown[1]?.dataset["cellIndex"]).toBe("9");
      expect(screen.getByTestId("student-panel").textContent).toContain("Which loop?");
    });

    it("opens by its address, and subscribes again on a new connection", async () => {
      await openClass({ Ann: {} }, "/class/class-1/student/Ann");
      expect(screen.getByTestId("student-panel").dataset["studentId"]).toBe("Ann");
      expect(server.socket().commands()[0]).toEqual({ type: "subscribe", students: ["Ann"] });
      server.socket().drop(1012);
      await settle();
      server.socket().open();
      expect(server.socket().commands()).toEqual([{ type: "subscribe", students: ["Ann"] }]);
    });

    it("closes with Esc, gives the focus back, and asks for no more runs", async () => {
      await openClass({ Ann: {} }, "/class/class-1/student/Ann");
      fireEvent.keyDown(document, { key: "Escape" });
      await settle();
      expect(location.pathname).toBe("/class/class-1");
      expect(screen.queryByTestId("student-panel")).toBeNull();
      expect(document.activeElement).toBe(tile("Ann"));
      expect(server.socket().commands().at(-1)).toEqual({ type: "subscribe", students: [] });
    });

    it("keeps the connection when it goes from one student to the next", async () => {
      await openClass({ Ann: {}, Bob: {} }, "/class/class-1/student/Ann");
      fireEvent.click(tile("Bob"));
      await settle();
      expect(screen.getByTestId("student-panel").dataset["studentId"]).toBe("Bob");
      expect(server.sockets).toHaveLength(1);
    });
  });

  it("knows no class that isn't theirs", async () => {
    server.answers.set("GET /api/v1/auth/me", { status: 200, body: { ...me, classes: [] } });
    showPage("/class/class-1");
    await settle();
    expect(screen.getByText(/not yours to see/)).toBeTruthy();
    expect(server.sockets).toEqual([]);
  });
});
