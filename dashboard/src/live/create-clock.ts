import { type Accessor, createSignal, onCleanup } from "solid-js";

const tickMs = 1000;

export interface ServerClock {
  /** Unix ms by the server's clock, to the second; the one ticker of everything that says "ago". */
  readonly nowMs: Accessor<number>;
  /** A frame that the server stamped `atMs` has just come. */
  heard(atMs: number): void;
  /** The connection is new: what was known of the server's clock may be from before a sleep. */
  forget(): void;
}

/** Stands still while `isRunning` is false: nobody grows idle just because we no longer hear of them. */
export function createServerClock(isRunning: Accessor<boolean>): ServerClock {
  let offsetMs = 0;
  let isKnown = false;
  const [nowMs, setNowMs] = createSignal(Date.now());
  const tick = () => setNowMs(Date.now() + offsetMs);
  const timer = setInterval(() => {
    if (isRunning()) tick();
  }, tickMs);
  onCleanup(() => clearInterval(timer));

  return {
    nowMs,
    heard(atMs) {
      // Frames only ever come late, so the one that says most was the quickest, and the truest.
      const measuredMs = atMs - Date.now();
      if (isKnown && measuredMs <= offsetMs) return;
      const isFirst = !isKnown;
      offsetMs = measuredMs;
      isKnown = true;
      if (isFirst) tick();
    },
    forget() {
      isKnown = false;
    },
  };
}
