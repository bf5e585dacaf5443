import type { Platform } from "@cell-monitor/client";

export interface Timed {
  /** From the start. */
  readonly atMs: number;
}

export type Clock = Pick<Platform, "now" | "after">;

/**
 * Performs each item at its time, those whose time has passed already at once; `perform` is told the time that was
 * meant, Unix ms. Items must be in order of time. Returns what stops it.
 */
export function play<Item extends Timed>(
  items: readonly Item[],
  startMs: number,
  clock: Clock,
  perform: (item: Item, dueMs: number) => void,
): () => void {
  let next = 0;
  let cancel: () => void = () => {};
  const step = (): void => {
    for (let item = items[next]; item !== undefined; item = items[next]) {
      const dueMs = startMs + item.atMs;
      const waitMs = dueMs - clock.now();
      if (waitMs > 0) {
        cancel = clock.after(waitMs, step);
        return;
      }
      next += 1;
      perform(item, dueMs);
    }
  };
  step();
  return () => cancel();
}
