import { DisposableDelegate, type IDisposable } from "@lumino/disposable";

const activityEveryMs = 60_000;
const signsOfLife = ["keydown", "pointerdown", "wheel"] as const;

/** Calls back when the page goes away for good, or may have to. */
export function onPageGone(run: () => void): IDisposable {
  window.addEventListener("pagehide", run);
  return new DisposableDelegate(() => window.removeEventListener("pagehide", run));
}

/** Calls back at most once a minute while somebody works in the visible page; sees that, and not what, is done. */
export function onActivity(now: () => number, run: () => void): IDisposable {
  let lastMs = Number.NEGATIVE_INFINITY;
  const onSign = () => {
    if (document.visibilityState !== "visible" || now() - lastMs < activityEveryMs) return;
    lastMs = now();
    run();
  };
  const options = { capture: true, passive: true };
  for (const sign of signsOfLife) document.addEventListener(sign, onSign, options);
  return new DisposableDelegate(() => {
    for (const sign of signsOfLife) document.removeEventListener(sign, onSign, options);
  });
}
