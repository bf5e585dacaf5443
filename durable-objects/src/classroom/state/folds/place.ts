import type { ClassEvent } from "@cell-monitor/protocol";

/** Where an event happened, in the fields that state keeps. */
export function placeOf(event: ClassEvent) {
  return { notebook: event.notebookPath, cellId: event.cellId, cellIndex: event.cellIndex };
}

/** One cell of one notebook. A cell without an id goes by its place. */
export function cellKeyOf(event: ClassEvent): string {
  return `${event.notebookPath ?? ""}#${event.cellId ?? event.cellIndex ?? ""}`;
}
