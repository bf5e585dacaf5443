import {
  type Credentials,
  type EventDraft,
  EventQueue,
  MemoryStore,
  type Platform,
  Sender,
} from "@cell-monitor/client";
import { limits } from "@cell-monitor/protocol";

import type { Deed } from "./actions.ts";
import { draftOf, isoOf, type NotebookDeed } from "./drafts.ts";
import { Network } from "./network.ts";

export interface DeviceOptions {
  readonly server: string;
  readonly classId: string;
  readonly credentials: Credentials;
  readonly platform: Platform;
}

const versions = { jupyterlabVersion: "4.6.4", extensionVersion: "0.1.0", frontEnd: "JupyterLab" };

/**
 * A student's computer: turns what they do into events, and sends them as their JupyterLab would. What isn't
 * acknowledged is kept through a lost connection and a reload of the page.
 */
export class Device {
  readonly #options: DeviceOptions;
  readonly #network: Network;
  readonly #store = new MemoryStore();
  #sender: Sender | undefined;
  #isPageOpen = false;
  #lessonId = "";
  #kernelId = "";
  /** What is repeated while a hand is up. */
  #help: EventDraft | undefined;
  #cancelRepeat: () => void = () => {};

  constructor(options: DeviceOptions) {
    this.#options = options;
    this.#network = new Network(options.platform);
    this.beginLesson();
  }

  /** Events that the server hasn't acknowledged yet. */
  get unsent(): number {
    return this.#store.size;
  }

  get isOnline(): boolean {
    return this.#network.isOnline;
  }

  /** From here on the runs and requests are those of a new lesson. */
  beginLesson(): void {
    this.#lessonId = this.#options.platform.newId();
    this.#kernelId = this.#options.platform.newId();
  }

  perform(deed: Deed, atMs: number): void {
    switch (deed.kind) {
      case "offline":
        return this.#network.cut();
      case "online":
        this.#network.mend();
        this.#sender?.wake();
        if (!this.#isPageOpen) void this.#hangUp();
        return;
      case "page_open":
        return this.#openPage(atMs);
      case "page_close":
        return this.#closePage(atMs);
      case "help":
        this.#help = this.#record(deed, atMs);
        return this.#repeatHelp();
      case "help_stop":
        this.#lowerHand();
        this.#record(deed, atMs);
        return;
      case "notebook_open":
      case "notebook_save":
      case "notebook_close":
      case "run_start":
      case "run_end":
      case "progress":
      case "checkin":
      case "kernel_restart":
      case "activity":
        this.#record(deed, atMs);
    }
  }

  /** The window is closed in the middle of the work; settles when the server knows, or can't be told. */
  async leave(atMs: number): Promise<void> {
    if (this.#isPageOpen) this.#closePage(atMs);
    await this.#sender?.flush();
    this.#sender?.close();
  }

  #openPage(atMs: number): void {
    const { server, classId, credentials } = this.#options;
    const { platform } = this.#network;
    const { now, newId } = platform;
    this.#sender?.close();
    const queue = new EventQueue({ sessionId: newId(), store: this.#store, now, newId });
    this.#sender = new Sender({ server, classId, credentials, queue, platform });
    this.#isPageOpen = true;
    this.#sender.record({ eventType: "session_start", eventTime: isoOf(atMs), metadata: versions });
  }

  #closePage(atMs: number): void {
    this.#lowerHand();
    const lastSequence = (this.#sender?.queue.lastSequence ?? 0) + 1;
    this.#sender?.record({ eventType: "session_end", eventTime: isoOf(atMs), lastSequence });
    this.#isPageOpen = false;
    void this.#hangUp();
  }

  /** A page that is closed is connected no more; what could not be sent waits for the next one. */
  async #hangUp(): Promise<void> {
    const sender = this.#sender;
    await sender?.flush();
    if (this.#store.size === 0) sender?.close();
  }

  #record(deed: NotebookDeed, atMs: number): EventDraft {
    const draft = draftOf(deed, { lessonId: this.#lessonId, kernelId: this.#kernelId }, atMs);
    this.#sender?.record(draft);
    return draft;
  }

  /** Tells that the student still waits; the sender knows whether a live socket does so already. */
  #repeatHelp(): void {
    this.#cancelRepeat();
    this.#cancelRepeat = this.#options.platform.after(limits.helpRepeatMs, () => {
      if (this.#help === undefined) return;
      this.#sender?.repeat({ ...this.#help, eventTime: isoOf(this.#options.platform.now()) });
      this.#repeatHelp();
    });
  }

  #lowerHand(): void {
    this.#help = undefined;
    this.#cancelRepeat();
    this.#sender?.cancelRepeat();
  }
}
