import type { LimitPolicy } from "./policy.ts";

/** How a limit stands after a look at it. */
export interface Reading {
  readonly policy: LimitPolicy;
  readonly isAllowed: boolean;
  /** What may still be asked at once. */
  readonly remaining: number;
  /** Until all of the quota is there again. */
  readonly resetMs: number;
  /** Until what was refused may be asked again; 0 where nothing was. */
  readonly retryAfterMs: number;
  /** When all of the quota will be there again, if what was asked is granted. Unix ms */
  readonly fullAtMs: number;
}

/**
 * Reads a limit for something of a cost. All that is to be known of the past is the moment at which the quota will be
 * whole again: it fills evenly, so that the distance to that moment is what has been used (the generic cell rate algorithm).
 */
export function readLimit(
  policy: LimitPolicy,
  fullAtMs: number | undefined,
  nowMs: number,
  cost = 1,
): Reading {
  const perUnitMs = policy.windowMs / policy.quota;
  const before = Math.max(fullAtMs ?? nowMs, nowMs);
  const after = before + cost * perUnitMs;
  const isAllowed = after - nowMs <= policy.windowMs;
  const standing = isAllowed ? after : before;
  return {
    policy,
    isAllowed,
    remaining: Math.max(0, Math.floor((policy.windowMs - (standing - nowMs)) / perUnitMs)),
    resetMs: standing - nowMs,
    retryAfterMs: isAllowed ? 0 : after - nowMs - policy.windowMs,
    fullAtMs: standing,
  };
}
