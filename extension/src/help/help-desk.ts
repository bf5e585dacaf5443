import type { EventDraft } from "@cell-monitor/client";
import { type HelpStateFrame, limits } from "@cell-monitor/protocol";
import * as v from "valibot";
import type { KeyValueStore } from "../memberships.ts";

export interface HelpDeskOptions {
  readonly record: (draft: EventDraft) => void;
  readonly repeat: (draft: EventDraft) => void;
  /** Where the student is, as far as that may be told. */
  readonly place: () => Partial<EventDraft>;
  readonly onChange: () => void;
  readonly store: KeyValueStore;
  readonly now: () => number;
  readonly newId: () => string;
  /** Calls back every `delayMs` until what it returns is called. */
  readonly every: (delayMs: number, run: () => void) => () => void;
}

const keptSchema = v.object({ helpId: v.string(), seenMs: v.number() });

/**
 * A student's raised hand: one, wherever the student goes, and through reloads, as long as it has been seen within the
 * time the class remembers it.
 */
export class HelpDesk {
  readonly #options: HelpDeskOptions;
  #key: string | undefined;
  #helpId: string | undefined;
  #standing: HelpStateFrame | undefined;
  #stopRepeating: (() => void) | undefined;

  constructor(options: HelpDeskOptions) {
    this.#options = options;
  }

  get isRaised(): boolean {
    return this.#helpId !== undefined;
  }

  /** What the class said last of the raised hand: its place in the line, or who is on the way. */
  get standing(): HelpStateFrame | undefined {
    return this.#standing;
  }

  /** Whether there is a class to ask. */
  get isOpen(): boolean {
    return this.#key !== undefined;
  }

  /** A class is joined. @param key of the membership */
  open(key: string): void {
    this.#key = `${key}:help`;
    this.sync();
  }

  /** The class is left; its request stays with it. */
  close(): void {
    this.#key = undefined;
    this.#lower();
    this.#options.onChange();
  }

  toggle(): void {
    if (this.#key === undefined) return;
    if (this.#helpId === undefined) {
      const helpId = this.#options.newId();
      this.#raise(helpId);
      this.#options.record({ eventType: "help", helpId, ...this.#options.place() });
    } else {
      this.#options.record({ eventType: "help_stop", helpId: this.#helpId });
      this.#lower();
      this.#options.store.removeItem(this.#key);
    }
    this.#options.onChange();
  }

  /** The class says where a request stands; it ends one that an instructor has seen to. */
  heard(frame: HelpStateFrame): void {
    if (this.#key === undefined || frame.helpId !== this.#helpId) return;
    if (frame.state === "closed") {
      this.#lower();
      this.#options.store.removeItem(this.#key);
    } else {
      this.#standing = frame;
    }
    this.#options.onChange();
  }

  /** Takes over what another tab of the same student did, or this one before it was reloaded. */
  sync(): void {
    const kept = this.#kept();
    if (kept === this.#helpId) return;
    this.#lower();
    if (kept !== undefined) this.#raise(kept);
    this.#options.onChange();
  }

  #raise(helpId: string): void {
    this.#helpId = helpId;
    this.#keep(helpId);
    this.#stopRepeating = this.#options.every(limits.helpRepeatMs, () => {
      this.#keep(helpId);
      this.#options.repeat({ eventType: "help", helpId });
    });
  }

  #lower(): void {
    this.#stopRepeating?.();
    this.#stopRepeating = undefined;
    this.#helpId = undefined;
    this.#standing = undefined;
  }

  #keep(helpId: string): void {
    if (this.#key === undefined) return;
    try {
      this.#options.store.setItem(this.#key, JSON.stringify({ helpId, seenMs: this.#options.now() }));
    } catch {
      // Then a reload lowers the hand.
    }
  }

  #kept(): string | undefined {
    if (this.#key === undefined) return undefined;
    try {
      const kept = v.safeParse(keptSchema, JSON.parse(this.#options.store.getItem(this.#key) ?? "null"));
      if (!kept.success) return undefined;
      const { helpId, seenMs } = kept.output;
      return this.#options.now() - seenMs < limits.helpExpiresMs ? helpId : undefined;
    } catch {
      return undefined;
    }
  }
}
