import { beforeEach, describe, expect, it } from "vitest";
import { KernelState } from "../src/capture/kernel-state.ts";

let reported: string[];
let gone: number;
let later: (() => void)[];
let state: KernelState;

/** Statuses as they follow each other at once, then what was put off. */
function change(...statuses: readonly string[]): void {
  for (const status of statuses) state.changed(status);
  for (const run of later.splice(0)) run();
}

beforeEach(() => {
  reported = [];
  gone = 0;
  later = [];
  state = new KernelState({
    report: (event) => reported.push(event),
    onGone: () => (gone += 1),
    soon: (run) => later.push(run),
  });
});

describe("KernelState", () => {
  it("reports a restart that was asked for", () => {
    change("busy", "restarting");
    change("starting", "idle");
    expect(reported).toEqual(["kernel_restart"]);
  });

  it("reports a kernel that died and was started again as dead, not as restarted", () => {
    change("busy", "restarting", "autorestarting");
    change("starting", "idle");
    expect(reported).toEqual(["kernel_died"]);
  });

  it("reports a kernel that stays dead once", () => {
    change("busy", "dead");
    change("dead");
    expect(reported).toEqual(["kernel_died"]);
    change("starting", "idle", "dead");
    expect(reported).toEqual(["kernel_died", "kernel_died"]);
  });

  it("says that runs are gone before anything is put off", () => {
    state.changed("restarting");
    expect(gone).toBe(1);
    expect(reported).toEqual([]);
  });

  it("makes nothing of a kernel that works or loses its connection", () => {
    change("starting", "idle", "busy", "unknown", "idle");
    expect([reported, gone]).toEqual([[], 0]);
  });
});
