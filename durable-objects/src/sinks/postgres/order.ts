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
  const time = hex(storableMs(timeMs) - earliestMs, 13);
  const sequence = hex(event.sequence ?? 0, 14);
  return {
    byTime: `${time}-${sequence}-${event.eventId}`,
    bySequence: `${sequence}-${time}-${event.eventId}`,
  };
}

const lowDigits = 7;
const lowValues = 16 ** lowDigits;

/** In two halves, since to write a number of more than 31 bits takes ten times as long. */
function hex(value: number, digits: number): string {
  const high = Math.floor(value / lowValues)
    .toString(16)
    .padStart(digits - lowDigits, "0");
  return high + (value % lowValues).toString(16).padStart(lowDigits, "0");
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
