import { cleanup, fireEvent, screen, within } from "@solidjs/testing-library";
import type { StudentData } from "@cell-monitor/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type FakeServer, installFakeServer, me, refusal } from "../fixtures/fake-server.ts";
import { sampleSnapshot, student } from "../fixtures/sample-class.ts";
import { showPage } from "../fixtures/show-page.tsx";

const startMs = Date.parse("2026-04-20T01:00:00Z");
const messages = "POST /api/v1/classes/class-1/messages";
const announcements = "POST /api/v1/classes/class-1/announcements";
const help = { helpId: "h-1", sinceMs: startMs - 65_000 };

describe("what an instructor says and does", () => {
  let server: FakeServer;

  beforeEach(() => {
    vi.useFakeTimers({ now: startMs });
    server = installFakeServer();
  });

  afterEach(() => {
    cleanup();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  const settle = () => vi.advanceTimersByTimeAsync(50);

  async function openStudent(data: Partial<StudentData> = {}) {
    showPage("/class/class-1/student/Ann");
    await settle();
    server.socket().open();
    const { entities, ...rest } = sampleSnapshot(0, Date.now(), 10);
    const ann = student({ name: "Ann", activeMs: startMs, seenMs: startMs, ...data });
    const known = { kind: "student", id: "Ann", version: 1, data: ann } as const;
    server.socket().deliver({ ...rest, entities: [...entities, known] });
    await settle();
  }

  const sent = (route: string) => server.requests.filter((request) => request.route === route);

  async function press(name: string) {
    fireEvent.click(screen.getByRole("button", { name }));
    await settle();
  }

  describe("the box to write in", () => {
    const box = () => screen.getByLabelText<HTMLTextAreaElement>("Write to Ann");
    const form = () => {
      const found = box().closest("form");
      if (!found) throw new Error("The box is in no form.");
      return within(found);
    };
    const button = () => form().getByRole<HTMLButtonElement>("button", { name: "Send" });
    const write = (value: string) => fireEvent.input(box(), { target: { value } });

    it("sends what was written, trimmed, empties itself, and says that it was delivered", async () => {
      server.answers.set(messages, { status: 200, body: { reached: 1 } });
      await openStudent();
      write("  Look at cell 3\n");
      fireEvent.click(button());
      await settle();
      expect(sent(messages).map(({ body }) => body)).toEqual([{ student_id: "Ann", text: "Look at cell 3" }]);
      expect(box().value).toBe("");
      expect(form().getByRole("status").textContent).toBe("Delivered.");
    });

    it("says that it waits for a student who is not there", async () => {
      server.answers.set(messages, { status: 200, body: { reached: 0 } });
      await openStudent();
      write("Hello");
      fireEvent.click(button());
      await settle();
      expect(form().getByRole("status").textContent).toContain("not connected");
    });

    it("breaks the line by Enter, and sends by Ctrl+Enter or ⌘+Enter", async () => {
      server.answers.set(messages, { status: 200, body: { reached: 1 } });
      await openStudent();
      for (const keys of [{}, { ctrlKey: true }, { metaKey: true }]) {
        write("Hello");
        fireEvent.keyDown(box(), { key: "Enter", ...keys });
        await settle();
      }
      expect(sent(messages)).toHaveLength(2);
    });

    it("keeps what was written when it could not be sent, and says why", async () => {
      server.answers.set(messages, refusal(503, "unavailable"));
      await openStudent();
      write("Hello");
      fireEvent.click(button());
      await settle();
      expect(box().value).toBe("Hello");
      expect(form().getByRole("status").textContent).toBe("That did not work: Refused: unavailable.");
      expect(button().disabled).toBe(false);
    });

    it("sends nothing while there is nothing but blanks", async () => {
      await openStudent();
      write(" \n ");
      expect(button().disabled).toBe(true);
      fireEvent.keyDown(box(), { key: "Enter", ctrlKey: true });
      await settle();
      expect(sent(messages)).toEqual([]);
    });
  });

  it("keeps the panel open at Esc while something is written, and closes it when nothing is", async () => {
    await openStudent();
    const box = screen.getByLabelText("Write to Ann");
    fireEvent.input(box, { target: { value: "Hello" } });
    fireEvent.keyDown(box, { key: "Escape" });
    await settle();
    expect(screen.queryByTestId("student-panel")).not.toBeNull();
    fireEvent.input(box, { target: { value: "" } });
    fireEvent.keyDown(box, { key: "Escape" });
    await settle();
    expect(screen.queryByTestId("student-panel")).toBeNull();
  });

  it("says no more of what was sent once the next is being written", async () => {
    server.answers.set(messages, { status: 200, body: { reached: 1 } });
    await openStudent();
    const box = screen.getByLabelText("Write to Ann");
    fireEvent.input(box, { target: { value: "Hello" } });
    fireEvent.keyDown(box, { key: "Enter", ctrlKey: true });
    await settle();
    expect(screen.queryByText("Delivered.")).not.toBeNull();
    fireEvent.input(box, { target: { value: "A" } });
    expect(screen.queryByText("Delivered.")).toBeNull();
  });

  describe("a word to the class", () => {
    const details = () => screen.getByText("Announce").closest("details");

    it("is sent to all, and says how many it reached", async () => {
      server.answers.set(announcements, { status: 200, body: { reached: 1_200 } });
      await openStudent();
      const box = screen.getByLabelText("Write to the whole class");
      fireEvent.input(box, { target: { value: "Five minutes to go" } });
      fireEvent.keyDown(box, { key: "Enter", ctrlKey: true });
      await settle();
      expect(sent(announcements).map(({ body }) => body)).toEqual([{ text: "Five minutes to go" }]);
      expect(screen.getByText(/^Delivered to 1,200 now/)).toBeTruthy();
    });

    it("is begun where the keyboard is, and left by Esc, which leaves what is behind it open", async () => {
      await openStudent();
      const opened = details();
      if (!opened) throw new Error("There is nothing to open.");
      opened.open = true;
      fireEvent(opened, new Event("toggle"));
      const box = screen.getByLabelText("Write to the whole class");
      expect(document.activeElement).toBe(box);
      fireEvent.keyDown(box, { key: "Escape" });
      await settle();
      expect(opened.open).toBe(false);
      expect(document.activeElement).toBe(opened.querySelector("summary"));
      expect(screen.queryByTestId("student-panel")).not.toBeNull();
    });

    it("closes when something else is clicked, not when it itself is", async () => {
      await openStudent();
      const box = details();
      if (!box) throw new Error("There is nothing to open.");
      box.open = true;
      fireEvent.pointerDown(screen.getByLabelText("Write to the whole class"));
      expect(box.open).toBe(true);
      fireEvent.pointerDown(document.body);
      expect(box.open).toBe(false);
    });
  });

  describe("a raised hand", () => {
    const callout = () => screen.getByTestId("help-callout").textContent;
    const route = (change: string) => `POST /api/v1/classes/class-1/help/h-1/${change}`;

    it("is claimed and resolved by its student's request", async () => {
      for (const change of ["claim", "resolve"])
        server.answers.set(route(change), { status: 200, body: { reached: 1 } });
      await openStudent({ help: { ...help, note: "Why?", cellIndex: 2 } });
      expect(callout()).toMatch(/Waiting for 1:05.*Cell 3.*Why\?/);
      await press("I'm on my way");
      await press("Resolved");
      for (const change of ["claim", "resolve"]) {
        expect(sent(route(change)).map(({ body }) => body)).toEqual([{ student_id: "Ann" }]);
      }
      expect(screen.queryByRole("alert")).toBeNull();
    });

    it.each([
      [{ id: me.id, name: "Ada" }, "You are on the way.", "Give up"],
      [{ id: "grace", name: "Grace" }, "Grace is on the way.", "Take from them"],
      [{ id: "key" }, "Somebody is on the way.", "Take from them"],
    ])("says who is on the way: %j", async (claimedBy, says, label) => {
      await openStudent({ help: { ...help, claimedBy } });
      expect(callout()).toContain(says);
      expect(screen.queryByRole("button", { name: "I'm on my way" })).toBeNull();
      await press(label);
      expect(sent(route("release"))).toHaveLength(1);
    });

    it("says what went wrong, but not that somebody was faster, which is seen", async () => {
      await openStudent({ help });
      server.answers.set(route("claim"), refusal(503, "unavailable"));
      await press("I'm on my way");
      expect(screen.getByRole("alert").textContent).toBe("That did not work: Refused: unavailable.");
      server.answers.set(route("claim"), refusal(409, "conflict"));
      await press("I'm on my way");
      expect(screen.queryByRole("alert")).toBeNull();
    });
  });
});
