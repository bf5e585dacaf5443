import { type NoticeFrame, noticeFrameSchema } from "@cell-monitor/protocol";
import * as v from "valibot";
import type { KeyValueStore } from "../memberships.ts";

export interface InboxOptions {
  readonly store: KeyValueStore;
  /** Whether the student has this page before them. */
  readonly isSeen: () => boolean;
  readonly show: (notice: NoticeFrame) => void;
}

const keptSchema = v.object({ waiting: v.array(noticeFrameSchema), shown: v.array(v.string()) });
type Kept = v.InferOutput<typeof keptSchema>;

/** More than a class tells one student in a day. */
const mostKept = 100;

/**
 * What the class told a student, each shown once: by the page that the student sees, whichever heard of it, or the next
 * one if this goes before anybody looked.
 */
export class Inbox {
  readonly #options: InboxOptions;
  #key: string | undefined;
  /** By this page: what another wrote at the same moment may not tell of it. */
  readonly #shown = new Set<string>();
  /** Where the browser keeps nothing. */
  #unkept: Kept | undefined;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  /** A class is joined. @param key of the membership */
  open(key: string): void {
    this.#key = `${key}:notices`;
    this.#shown.clear();
    this.#unkept = undefined;
    this.look();
  }

  close(): void {
    this.#key = undefined;
  }

  receive(notices: readonly NoticeFrame[]): void {
    if (notices.length === 0) return;
    const { waiting, shown } = this.#kept();
    const known = new Set([...shown, ...waiting.map(({ id }) => id)]);
    for (const notice of notices) {
      if (!known.has(notice.id)) waiting.push(notice);
      known.add(notice.id);
    }
    this.#keep({ waiting, shown });
    this.look();
  }

  /** Shows what waits, if anybody sees it. */
  look(): void {
    if (!this.#options.isSeen()) return;
    const { waiting, shown } = this.#kept();
    if (waiting.length === 0) return;
    const ids = waiting.map(({ id }) => id);
    for (const id of ids) this.#shown.add(id);
    this.#keep({ waiting: [], shown: [...shown, ...ids] });
    for (const notice of waiting) this.#options.show(notice);
  }

  #kept(): Kept {
    const { waiting, shown } = this.#unkept ?? this.#read();
    return {
      waiting: waiting.filter(({ id }) => !this.#shown.has(id)),
      shown: [...new Set([...shown, ...this.#shown])],
    };
  }

  #read(): Kept {
    const nothing = { waiting: [], shown: [] };
    if (this.#key === undefined) return nothing;
    try {
      const kept = v.safeParse(keptSchema, JSON.parse(this.#options.store.getItem(this.#key) ?? "null"));
      return kept.success ? kept.output : nothing;
    } catch {
      return nothing;
    }
  }

  #keep({ waiting, shown }: Kept): void {
    if (this.#key === undefined) return;
    const kept = { waiting: waiting.slice(-mostKept), shown: shown.slice(-mostKept) };
    try {
      this.#options.store.setItem(this.#key, JSON.stringify(kept));
      this.#unkept = undefined;
    } catch {
      this.#unkept = kept;
    }
  }
}
