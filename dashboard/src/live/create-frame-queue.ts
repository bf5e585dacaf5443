import { onCleanup } from "solid-js";
import type { DataFrame } from "./make-live-link.ts";

/**
 * Collects frames and hands them over once per animation frame. A hidden page has no animation frames, but its
 * title must go on telling of raised hands, so there they are handed over as they come.
 */
export function createFrameQueue(flush: (frames: DataFrame[]) => void): (frame: DataFrame) => void {
  let queued: DataFrame[] = [];
  let requested: number | undefined;

  function flushNow(): void {
    if (requested !== undefined) cancelAnimationFrame(requested);
    requested = undefined;
    if (queued.length === 0) return;
    const frames = queued;
    queued = [];
    flush(frames);
  }

  document.addEventListener("visibilitychange", flushNow);
  onCleanup(() => {
    document.removeEventListener("visibilitychange", flushNow);
    if (requested !== undefined) cancelAnimationFrame(requested);
  });

  return (frame) => {
    queued.push(frame);
    if (document.hidden) flushNow();
    else requested ??= requestAnimationFrame(flushNow);
  };
}
