import { For } from "solid-js";

/** Strokes on a 16 × 16 grid. */
const paths = {
  help: [
    "M5 8.5V4.2a1 1 0 0 1 2 0V7",
    "M7 7V3a1 1 0 0 1 2 0v4",
    "M9 7V3.8a1 1 0 0 1 2 0V8",
    "M11 8V6a1 1 0 0 1 2 0v3.4c0 2.8-1.8 4.6-4.4 4.6-2.1 0-3.2-.9-4.2-2.6L2.9 9a1 1 0 0 1 1.7-1.1L5 8.5",
  ],
  stuck: ["M8 1.8 14.6 13.4H1.4Z", "M8 6.4v3.2", "M8 11.5v.1"],
  error: ["M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Z", "m5.9 5.9 4.2 4.2", "m10.1 5.9-4.2 4.2"],
  idle: ["M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Z", "M8 4.8V8l2.2 1.4"],
  active: ["M5 3.2v9.6l7.6-4.8Z"],
  not_sharing: [
    "M2.2 8S4.4 4.2 8 4.2 13.8 8 13.8 8 11.6 11.8 8 11.8 2.2 8 2.2 8Z",
    "M8 6.4a1.6 1.6 0 1 0 0 3.2 1.6 1.6 0 0 0 0-3.2Z",
    "m3 3 10 10",
  ],
  away: ["M6.5 2.5h-3v11h3", "M6.8 8h6.7", "m10.8 5.2 2.8 2.8-2.8 2.8"],
  not_connected: [
    "M8 2a6 6 0 0 0-4.2 1.8",
    "M2.3 6.2a6 6 0 0 0 .3 4.4",
    "M5 13.2a6 6 0 0 0 4.5.6",
    "M12.3 12.2A6 6 0 0 0 14 8.6",
    "M13.4 5.4a6 6 0 0 0-2.6-2.7",
  ],
  ok: ["m3 8.6 3.2 3.2L13 5"],
  aborted: ["M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Z", "M5 8h6"],
  interrupted: ["M4.5 4.5h7v7h-7Z"],
  killed: ["M9 1.8 3.5 9h4l-.8 5.2L12.5 7h-4Z"],
  running: ["M8 2a6 6 0 1 1-6 6"],
  close: ["m4 4 8 8", "m12 4-8 8"],
  copy: ["M5.5 5.5h8v8h-8Z", "M3.5 10.5h-1v-8h8v1"],
  search: ["M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9Z", "m10.4 10.4 3.1 3.1"],
  storage: [
    "M8 2c3 0 5 .8 5 2s-2 2-5 2-5-.8-5-2 2-2 5-2Z",
    "M3 4v8c0 1.2 2 2 5 2s5-.8 5-2V4",
    "M3 8c0 1.2 2 2 5 2s5-.8 5-2",
  ],
  theme: ["M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Z", "M8 2v12", "M8 5.5h3.4", "M8 8h4.4", "M8 10.5h3.4"],
  announce: ["M2.5 6.5v3h2.5l6 3.5V3l-6 3.5Z", "M13 6.5a2.2 2.2 0 0 1 0 3"],
  logout: ["M9.5 2.5h-6v11h6", "M6.8 8h6.7", "m10.8 5.2 2.8 2.8-2.8 2.8"],
  chevron: ["m6 3.5 4.5 4.5L6 12.5"],
  rows: ["M2.5 4h11", "M2.5 8h11", "M2.5 12h11"],
  tiles: ["M2.5 2.5h4.5V7H2.5Z", "M9 2.5h4.5V7H9Z", "M2.5 9h4.5v4.5H2.5Z", "M9 9h4.5v4.5H9Z"],
  pin: ["M8 9.5V14", "M5.5 2.5h5l-.7 4 1.7 3H4.5l1.7-3Z"],
} as const;

export type IconName = keyof typeof paths;

/** A picture beside words: it says nothing by itself to a screen reader. */
export function Icon(props: { name: IconName; class?: string }) {
  return (
    <svg class={`icon ${props.class ?? ""}`} data-icon={props.name} viewBox="0 0 16 16" aria-hidden="true">
      <For each={paths[props.name]}>{(path) => <path d={path} />}</For>
    </svg>
  );
}
