const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

/** A time that ticks: `0:07`, `12:05`, `1:02:03`. */
export function stopwatch(elapsedMs: number): string {
  const seconds = Math.max(0, Math.floor(elapsedMs / secondMs));
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60].map((part) => String(part).padStart(2, "0"));
  const hours = Math.floor(seconds / 3600);
  const text = parts.join(":");
  return hours > 0 ? `${hours}:${text}` : text.replace(/^0/, "");
}

/** How long a run took: `8 ms`, `1.2 s`, `45 s`, `2:03`. */
export function duration(durationMs: number): string {
  if (durationMs < secondMs) return `${Math.round(durationMs)} ms`;
  if (durationMs < 10 * secondMs) return `${(durationMs / secondMs).toFixed(1)} s`;
  if (durationMs < minuteMs) return `${Math.round(durationMs / secondMs)} s`;
  return stopwatch(durationMs);
}

export type Age =
  | { readonly unit: "now" }
  | { readonly unit: "seconds" | "minutes" | "hours"; readonly count: number };

/** How long ago, no finer than one needs to know: a page full of running seconds is not calm. */
export function age(elapsedMs: number): Age {
  if (elapsedMs < 10 * secondMs) return { unit: "now" };
  if (elapsedMs < minuteMs) return { unit: "seconds", count: Math.floor(elapsedMs / (10 * secondMs)) * 10 };
  if (elapsedMs < hourMs) return { unit: "minutes", count: Math.floor(elapsedMs / minuteMs) };
  return { unit: "hours", count: Math.floor(elapsedMs / hourMs) };
}
