import { readFileSync } from "node:fs";
import type { CaptureLevel } from "@cell-monitor/protocol";
import type { EventDraft } from "@cell-monitor/client";
import type { CaptureContext } from "../src/capture/context.ts";
import { cellIdOf, type KernelMessage } from "../src/capture/kernel-message.ts";
import { RunTracker } from "../src/capture/runs.ts";

/** One step of a recording: a message, or a kernel's new status. */
export type Step =
  | { readonly direction: "send" | "recv"; readonly msg: KernelMessage }
  | { readonly status: string };

/** What passed between a front end and a real ipykernel; see `fixtures/record.py`. */
export function recording(name: string): readonly Step[] {
  return JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), "utf8"));
}

export interface FakeContext extends CaptureContext {
  readonly events: EventDraft[];
  level: CaptureLevel;
  isOn: boolean;
  nowMs: number;
}

export function makeContext(level: CaptureLevel = "activity"): FakeContext {
  const context: FakeContext = {
    events: [],
    level,
    isOn: true,
    // Of a browser whose clock is years off: no duration may depend on it.
    nowMs: Date.parse("2001-01-01T00:00:00Z"),
    record: (draft) => context.events.push(draft),
    now: () => context.nowMs,
  };
  return context;
}

export function play(tracker: RunTracker, context: FakeContext, steps: readonly Step[]): void {
  for (const step of steps) {
    context.nowMs += 10;
    if ("status" in step) {
      if (step.status === "restarting") tracker.endAll("killed");
    } else if (step.direction === "recv") tracker.received(step.msg);
    else {
      const cellId = cellIdOf(step.msg);
      if (cellId !== undefined) tracker.sent(step.msg, { cellId, source: `source of ${cellId}` });
    }
  }
}

/** The events that a recording gives. */
export function eventsOf(name: string, level: CaptureLevel = "activity"): readonly EventDraft[] {
  const context = makeContext(level);
  play(new RunTracker(context), context, recording(name));
  return context.events;
}

export function outline(events: readonly EventDraft[]): readonly (readonly unknown[])[] {
  return events.map(({ eventType, cellId, status }) =>
    status ? [eventType, cellId, status] : [eventType, cellId],
  );
}
