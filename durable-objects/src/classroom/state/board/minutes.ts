import { addBit, type Bits } from "./bits.ts";

export const minuteMs = 60_000;
/** A day of them: what is older than the newest by more is forgotten. */
export const countedMinutes = 24 * 60;
/** Hands told apart, lest a reminder be counted for another. */
const rememberedHands = 2_000;

/** What happened in a minute. */
export interface Minute {
  /** Since 1970. */
  readonly number: number;
  events: number;
  runs: number;
  errors: number;
  /** Hands raised in it. */
  help: number;
  /** Who did something. */
  readonly students: Bits;
  version: number;
}

export class Minutes {
  readonly byNumber = new Map<number, Minute>();
  /** When each request was first heard of, Unix ms. */
  readonly hands = new Map<string, number>();
  #newest = 0;

  /** The minute of a time, unless it is too long ago. `dropped` takes the numbers of those that now are. */
  at(timeMs: number, version: number, dropped: (number: number) => void): Minute | undefined {
    const number = Math.floor(timeMs / minuteMs);
    if (number > this.#newest) this.#advance(number, dropped);
    if (number <= this.#newest - countedMinutes) return undefined;
    let minute = this.byNumber.get(number);
    if (!minute) {
      minute = { number, events: 0, runs: 0, errors: 0, help: 0, students: [], version };
      this.byNumber.set(number, minute);
    }
    minute.version = Math.max(minute.version, version);
    return minute;
  }

  put(minute: Minute): void {
    this.byNumber.set(minute.number, minute);
    this.#newest = Math.max(this.#newest, minute.number);
  }

  /**
   * Counts a raised hand in the minute it is first heard of; one that was counted in a later minute moves.
   * @returns the minute it was counted in before
   */
  noteHand(key: string, timeMs: number, minute: Minute): Minute | undefined {
    const knownMs = this.hands.get(key);
    if (knownMs !== undefined && knownMs <= timeMs) return undefined;
    if (knownMs === undefined && this.hands.size >= rememberedHands) return undefined;
    this.hands.set(key, timeMs);
    minute.help += 1;
    const before = knownMs === undefined ? undefined : this.byNumber.get(Math.floor(knownMs / minuteMs));
    if (before) {
      before.help -= 1;
      before.version = Math.max(before.version, minute.version);
    }
    return before;
  }

  #advance(number: number, dropped: (number: number) => void): void {
    this.#newest = number;
    const oldest = number - countedMinutes;
    for (const known of this.byNumber.keys()) {
      if (known > oldest) continue;
      this.byNumber.delete(known);
      dropped(known);
    }
    for (const [key, timeMs] of this.hands) {
      if (Math.floor(timeMs / minuteMs) <= oldest) this.hands.delete(key);
    }
  }
}

/** Notes who did something in a minute. */
export function noteActive(minute: Minute, student: number): void {
  addBit(minute.students, student);
}
