import { limits, type SessionAck } from "@cell-monitor/protocol";
import * as v from "valibot";
import { countOf, holds, inside, outside, type Ranges, rangesSchema, remove, union } from "./ranges.ts";

export const sessionMarkSchema = v.object({
  highest: v.number(),
  /** When the latest of its events happened, Unix ms: what comes after it in number is not before it in time. */
  latestMs: v.optional(v.number()),
  /** The highest number among those. Declarations of loss are none of them: they go before what is older. */
  latestSequence: v.optional(v.number()),
  /** Numbers below `highest` that have not arrived. */
  gaps: rangesSchema,
  /** Numbers that their client declared gone and that have not arrived since; absent when there are none. */
  lost: v.optional(rangesSchema),
  /** How many more are lost, in ranges too many to keep. */
  lostUnlisted: v.optional(v.number()),
  /** Up to here it is not known which numbers arrived and which of them were the unlisted ones. */
  unsureThrough: v.optional(v.number()),
  /** When the class last heard of it, Unix ms. */
  seenMs: v.optional(v.number()),
});
export type SessionMark = v.InferOutput<typeof sessionMarkSchema>;

/** So that what a client declares cannot grow a class's memory without bound. */
export const listedLosses = 1_000;
/**
 * The same of numbers that leave gaps: one that would open one more has to wait until others are filled. A client's
 * queue holds fewer events than these, so that it never has to, though nobody could fill any.
 */
export const maxGaps = 6_000;

export function newMark(): SessionMark {
  return { highest: 0, gaps: [] };
}

/** The student is part of every key: nobody can suppress another's events. */
export function sessionKey(studentId: string, sessionId: string): string {
  return `${studentId}/${sessionId}`;
}

export function partsOfKey(key: string): { readonly studentId: string; readonly sessionId: string } {
  const at = key.indexOf("/");
  return { studentId: key.slice(0, at), sessionId: key.slice(at + 1) };
}

/**
 * - `jump`: too far ahead, or the opening of one gap too many: not to be taken now.
 * - `unsure`: nobody can tell any more whether it had arrived.
 */
export type Arrival = "new" | "duplicate" | "jump" | "unsure";

/** What an event says of numbers: its own, and those that it declares gone. */
export interface Numbers {
  readonly sequence: number;
  readonly loss?: { readonly from: number; readonly to: number } | undefined;
  /** A declaration of loss may stand behind a long jump: it is what closes the gap. */
  readonly isLoss?: boolean;
}

/** Tells whether an event's number is new, without taking it. One that was declared gone is, should it arrive. */
export function classify(mark: SessionMark, numbers: Numbers): Arrival {
  const { sequence, isLoss } = numbers;
  const { highest, gaps, lost, unsureThrough = 0 } = mark;
  if (sequence === highest + 1) return "new";
  if (sequence > highest) {
    if (sequence - highest > (isLoss ? limits.lossJump : limits.sequenceJump)) return "jump";
  } else if (!holds(gaps, sequence)) {
    if (lost && holds(lost, sequence)) return "new";
    return sequence <= unsureThrough ? "unsure" : "duplicate";
  }
  return gaps.length >= maxGaps && opensGap(mark, numbers) ? "jump" : "new";
}

function opensGap(mark: SessionMark, numbers: Numbers): boolean {
  const after = structuredClone(mark);
  take(after, numbers);
  return after.gaps.length > mark.gaps.length;
}

/** Takes a number that `classify` called new, and closes the gaps that are declared lost with it. */
export function take(mark: SessionMark, { sequence, loss }: Numbers): void {
  if (loss) declareLost(mark, loss.from, loss.to);
  reach(mark, sequence, sequence);
  remove(mark.gaps, sequence);
  if (!mark.lost) return;
  remove(mark.lost, sequence);
  keepLost(mark, mark.lost);
}

/** Notes as gone what of a range has not arrived. */
export function declareLost(mark: SessionMark, from: number, to: number): void {
  const lost = inside(mark.gaps, from, to);
  const aheadFrom = Math.max(from, mark.highest + 1);
  if (aheadFrom <= to) lost.push([aheadFrom, to]);
  mark.gaps = outside(mark.gaps, from, to);
  reach(mark, from, to);
  keepLost(mark, union(mark.lost ?? [], lost));
}

/**
 * When a numbered event happened, so that a session's numbers and times agree: corrected times jitter by what each
 * batch took to arrive. To be asked before its number is taken.
 */
export function orderedMs(mark: SessionMark, sequence: number, timeMs: number): number {
  const { latestMs = timeMs, latestSequence = mark.highest } = mark;
  return sequence > latestSequence ? Math.max(timeMs, latestMs) : timeMs;
}

/** Of a range beyond the highest number, what lies in between is missing. */
function reach(mark: SessionMark, from: number, to: number): void {
  if (from > mark.highest + 1) mark.gaps.push([mark.highest + 1, from - 1]);
  mark.highest = Math.max(mark.highest, to);
}

function keepLost(mark: SessionMark, lost: Ranges): void {
  const unlisted = lost.splice(0, lost.length - listedLosses);
  const last = unlisted.at(-1);
  if (last) {
    mark.lostUnlisted = (mark.lostUnlisted ?? 0) + countOf(unlisted);
    mark.unsureThrough = Math.max(mark.unsureThrough ?? 0, last[1]);
  }
  if (lost.length > 0) mark.lost = lost;
  else delete mark.lost;
}

/**
 * What a client is told of its session. Of more gaps than fit, the lowest are told, and `through` stops below the
 * next one; but who sent a number beyond that evidently has none of the lower ones to send: those are then told as one
 * range, which holds what is missing and more, so that what was sent is acknowledged all the same.
 * @param sentFrom the lowest number that the client sent and the class has
 */
export function ackOf(sessionId: string, { highest, gaps }: SessionMark, sentFrom = 0): SessionAck {
  const next = gaps[limits.ackGaps];
  const isBeyond = next !== undefined && sentFrom > next[1];
  // The last of the gaps that are told as one.
  const below = isBeyond ? gaps.findLastIndex(([from]) => from < sentFrom) : 0;
  const [first, last] = [gaps[0], gaps[below]];
  if (!first || !last) return { sessionId, through: highest, missing: [] };
  const end = below + limits.ackGaps;
  const beyond = gaps[end];
  const missing: Ranges = [[first[0], last[1]]];
  for (const [from, to] of gaps.slice(below + 1, end)) missing.push([from, to]);
  return { sessionId, through: beyond ? beyond[0] - 1 : highest, missing };
}
