import type { StudentStatus } from "@cell-monitor/protocol";
import { createRoot, createSignal, type Setter } from "solid-js";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type CalmOrder, createCalmOrder } from "../../src/live/create-calm-order.ts";
import type { Student } from "../../src/live/create-students.ts";
import { student } from "../fixtures/sample-class.ts";

describe("the calm order", () => {
  let order: CalmOrder;
  let dispose: () => void;
  const set = new Map<string, Setter<StudentStatus>>();

  beforeEach(() => {
    vi.useFakeTimers();
    createRoot((disposeRoot) => {
      dispose = disposeRoot;
      const students = ["a", "b", "c"].map((id): Student => {
        const [status, setStatus] = createSignal<StudentStatus>("active");
        set.set(id, setStatus);
        return {
          id,
          data: () => student({ name: id }),
          isSharing: () => true,
          place: () => ({}),
          status,
          sinceMs: () => 0,
          isHelpAway: () => false,
          missing: () => 0,
        };
      });
      order = createCalmOrder(() => students);
    });
  });

  afterEach(() => {
    dispose();
    vi.useRealTimers();
  });

  const shown = () =>
    order
      .placed()
      .map((placed) => placed.student.id)
      .join("");

  it("shows everybody at once when the page comes up", () => {
    expect(shown()).toBe("abc");
  });

  it("changes two seconds after its last change at the earliest", () => {
    set.get("c")?.("error");
    vi.advanceTimersByTime(1_999);
    expect(shown()).toBe("abc");
    vi.advanceTimersByTime(1);
    expect(shown()).toBe("cab");
  });

  it("takes all that happens meanwhile in one step", () => {
    set.get("c")?.("error");
    vi.advanceTimersByTime(1_000);
    set.get("b")?.("stuck");
    vi.advanceTimersByTime(1_000);
    expect(shown()).toBe("bca");
  });

  it("hardly waits for a raised hand", () => {
    set.get("b")?.("error");
    set.get("c")?.("help");
    vi.advanceTimersByTime(300);
    expect(shown()).toBe("cba");
  });

  it("stands still while somebody points at it, and says that it does", () => {
    order.hold();
    expect(order.isHeld()).toBe(false);
    set.get("c")?.("help");
    vi.advanceTimersByTime(5_000);
    expect(shown()).toBe("abc");
    expect(order.isHeld()).toBe(true);
    order.release();
    expect(shown()).toBe("cab");
    expect(order.isHeld()).toBe(false);
  });

  it("isn't held for ever by a pointer that nobody moves", () => {
    order.hold();
    set.get("c")?.("help");
    vi.advanceTimersByTime(8_000);
    expect(shown()).toBe("cab");
  });

  it("keeps a student's group until it changes the order", () => {
    set.get("a")?.("stuck");
    expect(order.placed()[0]?.group).toBe("working");
    vi.advanceTimersByTime(2_000);
    expect(order.placed()[0]?.group).toBe("needsYou");
  });
});
