import { createRoot } from "solid-js";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createFrameQueue } from "../../src/live/create-frame-queue.ts";
import type { DataFrame } from "../../src/live/make-live-link.ts";

function frame(to: number): DataFrame {
  return { type: "patch", epoch: "e", from: to - 1, to, at: 0, entities: [] };
}

describe("the queue of frames", () => {
  let flushed: number[][];
  let enqueue: (frame: DataFrame) => void;
  let dispose: () => void;
  let isHidden: boolean;

  beforeEach(() => {
    vi.useFakeTimers();
    isHidden = false;
    vi.spyOn(document, "hidden", "get").mockImplementation(() => isHidden);
    flushed = [];
    createRoot((disposeRoot) => {
      dispose = disposeRoot;
      enqueue = createFrameQueue((frames) => flushed.push(frames.map(({ to }) => to)));
    });
  });

  afterEach(() => {
    dispose();
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  const hide = () => {
    isHidden = true;
    document.dispatchEvent(new Event("visibilitychange"));
  };

  it("hands all frames of an animation frame over together, in their order", () => {
    enqueue(frame(1));
    enqueue(frame(2));
    expect(flushed).toEqual([]);
    vi.advanceTimersToNextFrame();
    expect(flushed).toEqual([[1, 2]]);
  });

  it("hands frames over as they come while nobody sees the page", () => {
    hide();
    enqueue(frame(1));
    enqueue(frame(2));
    expect(flushed).toEqual([[1], [2]]);
  });

  it("keeps none back when the page is hidden before the animation frame comes", () => {
    enqueue(frame(1));
    hide();
    expect(flushed).toEqual([[1]]);
    vi.advanceTimersToNextFrame();
    expect(flushed).toHaveLength(1);
  });

  it("hands nothing over any more once it is disposed of", () => {
    enqueue(frame(1));
    dispose();
    vi.advanceTimersToNextFrame();
    expect(flushed).toEqual([]);
  });
});
