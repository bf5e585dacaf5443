import { limits, type SessionAck } from "@cell-monitor/protocol";
import * as v from "valibot";

/** Inclusive. */
type Range = [number, number];

export const sessionMarkSchema = v.object({
  highest: v.number(),
  /** Numbers below `highest` that have not arrived, ascending and apart. */
  gaps: v.array(v.tuple([v.number(), v.number()])),
});
export type SessionMark = v.InferOutput<typeof sessionMarkSchema>;

export function newMark(): SessionMark {
  return { highest: 0, gaps: [] };
}

export type Arrival = "new" | "duplicate" | "jump";

/** Tells whether a session's number is new, without taking it. */
export function classify(mark: SessionMark, sequence: number): Arrival {
  if (sequence > mark.highest) return sequence - mark.highest > limits.sequenceJump ? "jump" : "new";
  return mark.gaps.some(([from, to]) => from <= sequence && sequence <= to) ? "new" : "duplicate";
}

/** Takes a number that `classify` called new. */
export function take(mark: SessionMark, sequence: number): void {
  takeRange(mark, sequence, sequence);
}

/** Takes all numbers of a range, whatever of it is known already. */
export function takeRange(mark: SessionMark, from: number, to: number): void {
  const gaps: Range[] = [];
  for (const [gapFrom, gapTo] of mark.gaps) {
    if (gapFrom < from) gaps.push([gapFrom, Math.min(gapTo, from - 1)]);
    if (gapTo > to) gaps.push([Math.max(gapFrom, to + 1), gapTo]);
  }
  if (from > mark.highest + 1) gaps.push([mark.highest + 1, from - 1]);
  mark.gaps = gaps;
  mark.highest = Math.max(mark.highest, to);
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
