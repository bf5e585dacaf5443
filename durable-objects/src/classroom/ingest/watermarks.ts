import { limits, type SessionAck } from "@cell-monitor/protocol";
import * as v from "valibot";
import { countOf, holds, inside, outside, type Ranges, rangesSchema, union } from "./ranges.ts";

export const sessionMarkSchema = v.object({
  highest: v.number(),
  /** When the latest of its events happened, Unix ms: what comes after it in number is not before it in time. */
  latestMs: v.optional(v.number()),
  /** Numbers below `highest` that have not arrived. */
  gaps: rangesSchema,
  /** Numbers that their client declared gone and that have not arrived since; absent when there are none. */
  lost: v.optional(rangesSchema),
  /** How many more are lost, in ranges too many to keep: were one of them to arrive, it would pass for a repeat. */
  lostUnlisted: v.optional(v.number()),
});
export type SessionMark = v.InferOutput<typeof sessionMarkSchema>;

/** So that what a client declares cannot grow a class's memory without bound. */
export const listedLosses = 256;

export function newMark(): SessionMark {
  return { highest: 0, gaps: [] };
}

/** The student is part of every key: nobody can suppress another's events. */
export function sessionKey(studentId: string, sessionId: string): string {
  return `${studentId}/${sessionId}`;
}

export type Arrival = "new" | "duplicate" | "jump";

/** Tells whether a session's number is new, without taking it. One that was declared gone is, should it arrive. */
export function classify(mark: SessionMark, sequence: number): Arrival {
  if (sequence > mark.highest) return sequence - mark.highest > limits.sequenceJump ? "jump" : "new";
  return holds(mark.gaps, sequence) || holds(mark.lost ?? [], sequence) ? "new" : "duplicate";
}

/** Takes a number that `classify` called new. */
export function take(mark: SessionMark, sequence: number): void {
  takeRange(mark, sequence, sequence);
}

/** Takes all numbers of a range, whatever of it is known already. */
export function takeRange(mark: SessionMark, from: number, to: number): void {
  settle(mark, from, to);
  if (mark.lost) keepLost(mark, outside(mark.lost, from, to));
}

/** Notes as gone what of a range has not arrived. */
export function declareLost(mark: SessionMark, from: number, to: number): void {
  const lost = inside(mark.gaps, from, to);
  const aheadFrom = Math.max(from, mark.highest + 1);
  if (aheadFrom <= to) lost.push([aheadFrom, to]);
  settle(mark, from, to);
  keepLost(mark, union(mark.lost ?? [], lost));
}

/**
 * When a numbered event happened, so that a session's numbers and times agree: corrected times jitter by what each
 * batch took to arrive. To be asked before its number is taken.
 */
export function orderedMs(mark: SessionMark, sequence: number, timeMs: number): number {
  return sequence > mark.highest ? Math.max(timeMs, mark.latestMs ?? timeMs) : timeMs;
}

/** Nothing of a range is waited for any longer. */
function settle(mark: SessionMark, from: number, to: number): void {
  mark.gaps = outside(mark.gaps, from, to);
  if (from > mark.highest + 1) mark.gaps.push([mark.highest + 1, from - 1]);
  mark.highest = Math.max(mark.highest, to);
}

function keepLost(mark: SessionMark, lost: Ranges): void {
  const unlisted = countOf(lost.splice(0, lost.length - listedLosses));
  if (unlisted > 0) mark.lostUnlisted = (mark.lostUnlisted ?? 0) + unlisted;
  if (lost.length > 0) mark.lost = lost;
  else delete mark.lost;
}

/** What a client is told of its session; `through` stops below the first gap that does not fit in. */
export function ackOf(sessionId: string, mark: SessionMark): SessionAck {
  const next = mark.gaps[limits.ackGaps];
  return {
    sessionId,
    through: next ? next[0] - 1 : mark.highest,
    missing: mark.gaps.slice(0, limits.ackGaps),
  };
}
