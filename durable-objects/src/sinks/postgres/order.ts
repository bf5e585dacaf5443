import type { LoggedEvent } from "../sink.ts";
import { storableMs } from "./time.ts";

/**
 * Order keys are texts, compared by their UTF-8 bytes (`COLLATE "C"`), so that Postgres and this code agree on which
 * of two events is newer without either knowing the other's rules. See docs/adr/0004-rows-that-any-order-of-events-makes.md.
 */
export interface OrderKeys {
  /** For rows that several sessions write: corrected time, then sequence, then id. */
  readonly byTime: string;
  /** For rows that belong to one session: sequence, then corrected time, then id. */
  readonly bySequence: string;
}

const earliestMs = storableMs(-Infinity);

export function orderKeysOf({ timeMs, event }: LoggedEvent): OrderKeys {
  // 13 and 14 hex digits hold every storable time and every safe integer.
  const time = (storableMs(timeMs) - earliestMs).toString(16).padStart(13, "0");
  const sequence = (event.sequence ?? 0).toString(16).padStart(14, "0");
  return {
    byTime: `${time}-${sequence}-${event.eventId}`,
    bySequence: `${sequence}-${time}-${event.eventId}`,
  };
}

/** Compares as UTF-8 bytes do; UTF-16 units put what lies beyond the BMP before U+E000. */
export function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const unitA = a.charCodeAt(index);
    const unitB = b.charCodeAt(index);
    if (unitA !== unitB) return rank(unitA) - rank(unitB);
  }
  return a.length - b.length;
}

function rank(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit;
}
