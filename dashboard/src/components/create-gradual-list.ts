import { type Accessor, createEffect, createMemo, createSignal, onCleanup } from "solid-js";

/** About what fits on a screen, and can be made within a frame. */
const stepLength = 32;

/** A long list, a screenful more with each animation frame: making all of it at once would hold the page up. */
export function createGradualList<T>(items: Accessor<readonly T[]>): Accessor<readonly T[]> {
  const [length, setLength] = createSignal(stepLength);
  createEffect(() => {
    if (length() >= items().length) return;
    const requested = requestAnimationFrame(() => setLength((known) => known + stepLength));
    onCleanup(() => cancelAnimationFrame(requested));
  });
  return createMemo(() => items().slice(0, length()));
}
