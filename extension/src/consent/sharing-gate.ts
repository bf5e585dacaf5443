import type { EventDraft } from "@cell-monitor/client";

/** `unknown`: the server has not said yet. `asked`: the student has not. */
export type Sharing = "unknown" | "asked" | "refused" | "shared";

export interface SharingGateOptions {
  readonly pass: (draft: EventDraft) => void;
  readonly now: () => number;
}

const mostHeld = 1_000;
const presence: ReadonlySet<string> = new Set(["session_start", "session_end"]);

/**
 * Lets through what the student shares. Until the server has said whether they are to be asked, events are held here; once
 * they are asked, nothing is kept but that they are there.
 */
export class SharingGate {
  readonly #options: SharingGateOptions;
  #sharing: Sharing = "unknown";
  #held: EventDraft[] = [];

  constructor(options: SharingGateOptions) {
    this.#options = options;
  }

  get sharing(): Sharing {
    return this.#sharing;
  }

  record(draft: EventDraft): void {
    const kept = this.#allowed(draft);
    if (!kept) return;
    if (this.#sharing === "shared" || this.#sharing === "refused") {
      this.#options.pass(kept);
      return;
    }
    this.#held.push({ eventTime: new Date(this.#options.now()).toISOString(), ...kept });
    // The first says that the session began.
    if (this.#held.length > mostHeld) this.#held.splice(1, 1);
  }

  decide(sharing: Sharing): void {
    this.#sharing = sharing;
    this.#held = this.#held.flatMap((draft) => this.#allowed(draft) ?? []);
    if (sharing !== "shared" && sharing !== "refused") return;
    for (const draft of this.#held.splice(0)) this.#options.pass(draft);
  }

  #allowed(draft: EventDraft): EventDraft | undefined {
    if (this.#sharing === "shared" || this.#sharing === "unknown") return draft;
    if (!presence.has(draft.eventType)) return undefined;
    // Who has yet to agree may still agree to the rest of it.
    if (this.#sharing === "asked") return draft;
    const { metadata: _, ...bare } = draft;
    return bare;
  }
}
