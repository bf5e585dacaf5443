import { randomUUID } from "node:crypto";

/** An event as a student's client sends it. */
export type SentEvent = Readonly<Record<string, unknown>>;

export const startType = "cell_execution_start";
const cells = 20;
const errorEvery = 10;

/** One student's page: runs cell after cell; each run is a start and then an end, every tenth an error. */
export class Page {
  readonly sessionId = randomUUID();
  #sequence = 0;
  #halves = 0;

  /** The next event of the page, numbered. */
  next(timeMs: number): SentEvent {
    const run = this.#halves >> 1;
    const isEnd = this.#halves % 2 === 1;
    this.#halves += 1;
    return this.event(timeMs, {
      eventType: isEnd ? endOf(run) : startType,
      notebookPath: "week1/loops.ipynb",
      cellId: `cell-${run % cells}`,
      cellIndex: run % cells,
      cellType: "code",
      executionId: `${this.sessionId}-${run}`,
      sourceHash: "0123456789abcdef",
      kernelName: "python3",
      ...(isEnd && { executionDurationMs: 12.5, executionCount: run + 1 }),
      ...(isEnd && isError(run) && { errorName: "KeyError", errorMessage: "'a'" }),
    });
  }

  /** An event with these fields, numbered. */
  event(timeMs: number, fields: SentEvent): SentEvent {
    this.#sequence += 1;
    return {
      eventId: randomUUID(),
      eventTime: new Date(timeMs).toISOString(),
      sessionId: this.sessionId,
      sequence: this.#sequence,
      ...fields,
    };
  }
}

function isError(run: number): boolean {
  return run % errorEvery === errorEvery - 1;
}

function endOf(run: number): string {
  return isError(run) ? "cell_execution_error" : "cell_execution_complete";
}

/** The body that takes these events to the API. */
export function bodyOf(events: readonly SentEvent[], sentMs: number): string {
  return JSON.stringify({ v: 1, sentAt: new Date(sentMs).toISOString(), events });
}
