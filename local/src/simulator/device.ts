import {
  type Credentials,
  type EventDraft,
  EventQueue,
  MemoryStore,
  type Platform,
  Sender,
} from "@cell-monitor/client";
import { limits } from "@cell-monitor/protocol";

import type { Deed, Run } from "./actions.ts";

export interface DeviceOptions {
  readonly server: string;
  readonly credentials: Credentials;
  readonly platform: Platform;
}

/**
 * A student's computer: turns what they do into events, and sends them as their JupyterLab would. What isn't
 * acknowledged is kept through a lost connection and a reload of the page.
 */
export class Device {
  readonly #options: DeviceOptions;
  readonly #store = new MemoryStore();
  #sender: Sender | undefined;
  #isOpen = false;
  #isOnline = true;
  #lessonId = "";
  #kernelId = "";
  /** What is repeated while a hand is up. */
  #help: EventDraft | undefined;
  #cancelRepeat: () => void = () => {};

  constructor(options: DeviceOptions) {
    this.#options = options;
    this.beginLesson();
  }

  /** Events that the server hasn't acknowledged yet. */
  get unsent(): number {
    return this.#store.size;
  }

  get isOnline(): boolean {
    return this.#isOnline;
  }

  /** From here on the runs and requests are those of a new lesson. */
  beginLesson(): void {
    this.#lessonId = this.#options.platform.newId();
    this.#kernelId = this.#options.platform.newId();
  }

  perform(deed: Deed, atMs: number): void {
    switch (deed.kind) {
      case "offline":
        this.#isOnline = false;
        return;
      case "online":
        this.#isOnline = true;
        return this.#sender?.wake();
      case "page_open":
        return this.#openPage(atMs);
      case "page_close":
        return this.#closePage(atMs);
      default:
        this.#record(deed, atMs);
    }
  }

  /** The window is closed in the middle of the work; settles when the server knows, or can't be told. */
  async leave(atMs: number): Promise<void> {
    if (this.#isOpen) this.#closePage(atMs);
    await this.#sender?.flush();
    this.#sender?.close();
  }

  #openPage(atMs: number): void {
    const { server, credentials, platform } = this.#options;
    const { now, newId } = platform;
    this.#sender?.close();
    const queue = new EventQueue({ sessionId: newId(), store: this.#store, now, newId });
    const fetch: Platform["fetch"] = (url, init) =>
      this.#isOnline ? platform.fetch(url, init) : Promise.reject(new TypeError("The network is down."));
    this.#sender = new Sender({ server, credentials, queue, platform: { ...platform, fetch } });
    this.#isOpen = true;
    const versions = { jupyterlabVersion: "4.6.4", extensionVersion: "0.1.0", frontEnd: "JupyterLab" };
    this.#send({ eventType: "session_start", metadata: versions }, atMs);
  }

  #closePage(atMs: number): void {
    this.#lowerHand();
    const lastSequence = (this.#sender?.queue.lastSequence ?? 0) + 1;
    this.#send({ eventType: "session_end", lastSequence }, atMs);
    this.#isOpen = false;
  }

  #record(
    deed: Exclude<Deed, { kind: "offline" | "online" | "page_open" | "page_close" }>,
    atMs: number,
  ): void {
    switch (deed.kind) {
      case "run_start":
      case "run_end":
        return this.#send({ ...this.#runDraft(deed.kind, deed.run, atMs), notebookPath: deed.path }, atMs);
      case "help":
        return this.#raiseHand(
          {
            eventType: "help",
            helpId: this.#idOf(`help-${deed.number}`),
            note: deed.note,
            notebookPath: deed.path,
            ...deed.place,
          },
          atMs,
        );
      case "help_stop":
        this.#lowerHand();
        return this.#send(
          { eventType: "help_stop", helpId: this.#idOf(`help-${deed.number}`), notebookPath: deed.path },
          atMs,
        );
      case "progress":
        return this.#send(
          { eventType: "progress_update", notebookPath: deed.path, passed: deed.passed, total: deed.total },
          atMs,
        );
      case "checkin":
        return this.#send({ eventType: "checkin", choice: deed.choice }, atMs);
      case "kernel_restart":
        return this.#send(
          { eventType: "kernel_restart", notebookPath: deed.path, kernelId: this.#kernelId },
          atMs,
        );
      case "activity":
        return this.#send({ eventType: "activity" }, atMs);
      default:
        return this.#send({ eventType: deed.kind, notebookPath: deed.path, kernelName: "python3" }, atMs);
    }
  }

  #runDraft(kind: "run_start" | "run_end", run: Run, atMs: number): EventDraft {
    const { outcome, executionCount, durationMs } = run;
    const { source, sourceHash } = outcome.status === "interrupted" ? outcome : outcome.recorded;
    const startedMs = kind === "run_start" ? atMs : atMs - durationMs;
    const about = {
      ...run.place,
      cellType: "code" as const,
      executionId: this.#idOf(`run-${run.number}`),
      sourceHash,
      code: source,
      kernelName: "python3",
      kernelId: this.#kernelId,
      executionCount,
      startedAt: isoOf(startedMs),
    };
    if (kind === "run_start") return { ...about, eventType: "cell_execution_start" };
    return {
      ...about,
      eventType: outcome.status === "error" ? "cell_execution_error" : "cell_execution_complete",
      status: outcome.status,
      finishedAt: isoOf(atMs),
      executionDurationMs: durationMs,
      ...resultOf(run),
    };
  }

  #raiseHand(draft: EventDraft, atMs: number): void {
    this.#help = draft;
    this.#send(draft, atMs);
    this.#repeatHelp();
  }

  /** Tells that the student still waits: without a live socket nothing else does. */
  #repeatHelp(): void {
    this.#cancelRepeat();
    this.#cancelRepeat = this.#options.platform.after(limits.helpRepeatMs, () => {
      if (this.#help === undefined) return;
      this.#sender?.repeat(this.#help);
      this.#repeatHelp();
    });
  }

  #lowerHand(): void {
    this.#help = undefined;
    this.#cancelRepeat();
    this.#sender?.cancelRepeat();
  }

  #send(draft: EventDraft, atMs: number): void {
    this.#sender?.record({ ...draft, eventTime: isoOf(atMs) });
  }

  /** An id that nobody else gives, in this lesson or another. */
  #idOf(what: string): string {
    return `${this.#lessonId}-${what}`;
  }
}

function resultOf({ outcome, executionCount }: Run) {
  if (outcome.status === "interrupted") return { errorName: "KeyboardInterrupt" };
  const { result, error } = outcome.recorded;
  return {
    ...(result !== "" && { result, outputTypes: ["text/plain"] }),
    ...(error && {
      hasError: true,
      errorName: error.name,
      errorMessage: error.message,
      errorTraceback: error.traceback.replaceAll("{n}", String(executionCount)),
      errorLine: error.line,
    }),
  };
}

function isoOf(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
