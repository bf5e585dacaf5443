import { accept, refuse, type Result } from "@cell-monitor/protocol";
import type { LessonRow } from "../queries/lessons.ts";

export type LessonStep = "start" | "stop" | "break" | "resume";

type Times = Pick<LessonRow, "started_at" | "stopped_at" | "breaks">;
type LessonState = "planned" | "going_on" | "break" | "over";

/** Of one lesson: a class that takes more of them has its button pressed by something else than a person. */
const mostBreaks = 100;

export function stateOf({ started_at, stopped_at, breaks }: Times): LessonState {
  if (started_at === null) return "planned";
  if (stopped_at !== null) return "over";
  return isOnBreak(breaks) ? "break" : "going_on";
}

function isOnBreak(breaks: Times["breaks"]): boolean {
  return breaks.at(-1)?.length === 1;
}

/** What has to be written for a step; nothing where the lesson is there already. */
export function stepOf(row: Times, step: LessonStep, nowMs: number): Result<Partial<Times>> {
  const state = stateOf(row);
  if (state === "over" && step !== "stop") {
    return refuse("conflict", "The lesson is over; make another one to go on.");
  }
  if (state === "planned" && step !== "start") return refuse("conflict", "The lesson has not started yet.");
  if (step === "start") {
    return accept(state === "planned" ? { started_at: new Date(nowMs).toISOString() } : {});
  }
  if (step === "break") return state === "break" ? accept({}) : takeBreak(row.breaks, nowMs);
  const endedBreak = state === "break" ? { breaks: endBreak(row.breaks, nowMs) } : {};
  if (step === "resume" || state === "over") return accept(endedBreak);
  return accept({ ...endedBreak, stopped_at: new Date(nowMs).toISOString() });
}

function takeBreak(breaks: Times["breaks"], nowMs: number): Result<Partial<Times>> {
  if (breaks.length >= mostBreaks) {
    return refuse("conflict", `A lesson has at most ${mostBreaks} breaks.`);
  }
  return accept({ breaks: [...breaks, [nowMs]] });
}

function endBreak(breaks: Times["breaks"], nowMs: number): Times["breaks"] {
  return breaks.map(([fromMs, toMs]) => [fromMs, toMs ?? Math.max(fromMs, nowMs)]);
}
