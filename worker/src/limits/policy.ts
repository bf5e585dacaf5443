/** So much in a span of time: all of it at once, or evenly, or anything between. */
export interface LimitPolicy {
  /** As clients are told of it. */
  readonly name: string;
  readonly quota: number;
  readonly windowMs: number;
}

const minuteMs = 60_000;

/**
 * What one may ask. Generous to all that people and our own clients do, a school that comes back from an outage behind
 * one address included; they end loops and floods.
 */
export const policies = {
  /** One student's requests. A client sends a batch every few seconds, and after an outage some fifty in a row. */
  student: { name: "student", quota: 1_200, windowMs: minuteMs },
  /** One person's who teaches, administers or researches. */
  person: { name: "person", quota: 1_200, windowMs: minuteMs },
  /** One class key's: it speaks for a whole class, on a server. */
  class_key: { name: "class-key", quota: 30_000, windowMs: minuteMs },
  /** All that concerns one class: about what the platform promises of one object. */
  class: { name: "class", quota: 60_000, windowMs: minuteMs },
  /** Heavy work of one person: exports, erasure. */
  heavy: { name: "heavy", quota: 30, windowMs: minuteMs },
  /** What one address asks without a credential. A school has one address, and comes back all at once. */
  address: { name: "address", quota: 6_000, windowMs: minuteMs },
  /** Wrong join codes of one address; right ones cost nothing. A hall of newcomers mistypes some. */
  wrong_codes: { name: "wrong-codes", quota: 300, windowMs: 5 * minuteMs },
  /** Wrong admin keys of one address. */
  wrong_keys: { name: "wrong-keys", quota: 20, windowMs: 5 * minuteMs },
  /** Joins with one code: a lecture hall, within a minute. */
  join_code: { name: "join-code", quota: 1_000, windowMs: minuteMs },
  /** One refresh token's uses: four an hour are needed. */
  refresh: { name: "refresh", quota: 60, windowMs: 10 * minuteMs },
} as const satisfies Record<string, LimitPolicy>;
export type PolicyName = keyof typeof policies;
