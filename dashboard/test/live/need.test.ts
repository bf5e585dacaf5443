import type { StudentStatus } from "@cell-monitor/protocol";
import { describe, expect, it } from "vitest";
import { compareNeed, type Need, statusSinceMs } from "../../src/live/need.ts";
import { student } from "../fixtures/sample-class.ts";

function need(name: string, status: StudentStatus, sinceMs = 0): Need {
  return { id: name, name, status, sinceMs };
}

function ordered(needs: Need[]): string[] {
  return needs.sort(compareNeed).map(({ name }) => name);
}

describe("the order by need", () => {
  it("puts raised hands first and the unconnected last", () => {
    const all: Need[] = [
      need("off", "not_connected"),
      need("away", "away"),
      need("private", "not_sharing"),
      need("works", "active"),
      need("idles", "idle"),
      need("errs", "error"),
      need("stuck", "stuck"),
      need("hand", "help"),
    ];
    expect(ordered(all)).toEqual(["hand", "stuck", "errs", "idles", "works", "private", "away", "off"]);
  });

  it("puts who has waited longest first", () => {
    expect(ordered([need("new", "help", 300), need("old", "help", 100), need("mid", "help", 200)])).toEqual([
      "old",
      "mid",
      "new",
    ]);
  });

  it("keeps those who work by name, numbers as numbers, whatever they did last", () => {
    expect(ordered([need("Student 10", "active", 1), need("Student 2", "active", 9)])).toEqual([
      "Student 2",
      "Student 10",
    ]);
  });

  it("counts a hand's wait from when it was raised, and idleness from the last thing done", () => {
    const waiting = student({ activeMs: 50, help: { helpId: "h", sinceMs: 10 } });
    expect(statusSinceMs(waiting, "help")).toBe(10);
    expect(statusSinceMs(student({ activeMs: 50 }), "idle")).toBe(50);
  });
});
