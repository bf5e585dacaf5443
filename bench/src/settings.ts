import type { Figure } from "./figures.ts";

export interface Settings {
  readonly runs: number;
  /** Does a little of everything, to see that it works: the figures say nothing. */
  readonly quick: boolean;
  /** Told what is being done. */
  readonly progress: (what: string) => void;
}

export type Benchmark = (settings: Settings) => Promise<Figure[]>;

/** An amount, or a small part of it where it is only to be seen that it works. */
export function scaled(amount: number, { quick }: Settings, least = 1): number {
  return quick ? Math.max(least, Math.round(amount / 20)) : amount;
}
