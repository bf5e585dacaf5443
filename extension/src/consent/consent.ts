import type { EventDraft, Platform } from "@cell-monitor/client";
import type { Rejection } from "@cell-monitor/protocol";
import {
  askServer,
  type Choice,
  type ConsentAnswer,
  type ConsentServer,
  type ConsentText,
} from "./ask-server.ts";
import { type Sharing, SharingGate } from "./sharing-gate.ts";

export interface ConsentOptions extends ConsentServer {
  readonly platform: Platform;
  readonly record: (draft: EventDraft) => void;
  /** The student has to choose before anything is shared. */
  readonly onAsk: () => void;
  readonly onChange: () => void;
}

const firstRetryMs = 2_000;
const longestRetryMs = 60_000;

/** What a student shares with the class: asked once of each text, changed whenever they like. */
export class Consent {
  readonly #options: ConsentOptions;
  readonly #gate: SharingGate;
  #text: ConsentText | undefined;
  #isClosed = false;
  #isLooking = false;
  #cancelRetry: (() => void) | undefined;

  constructor(options: ConsentOptions) {
    this.#options = options;
    this.#gate = new SharingGate({ pass: options.record, now: options.platform.now });
  }

  get sharing(): Sharing {
    return this.#gate.sharing;
  }

  get text(): ConsentText | undefined {
    return this.#text;
  }

  /** Records an event, if it may be shared. */
  record(draft: EventDraft): void {
    this.#gate.record(draft);
  }

  /** Asks the server, until it answers, what the student is to agree to. */
  async look(attempt = 0): Promise<void> {
    if (this.#isLooking || this.#isClosed) return;
    this.#cancelRetry?.();
    this.#isLooking = true;
    const answer = await askServer(this.#options);
    this.#isLooking = false;
    if (this.#isClosed) return;
    if (answer.kind !== "unavailable") {
      this.#heard(answer);
      return;
    }
    const { platform } = this.#options;
    const delayMs = Math.min(longestRetryMs, firstRetryMs * 2 ** attempt) * (0.5 + platform.random() / 2);
    this.#cancelRetry = platform.after(delayMs, () => void this.look(attempt + 1));
  }

  /** @returns whether the class knows of it; if the text is another by now, the student is asked again */
  async choose(version: number, choice: Choice): Promise<boolean> {
    const answer = await askServer(this.#options, { version, choice });
    if (this.#isClosed) return false;
    if (answer.kind === "changed") {
      await this.look();
      return true;
    }
    // Who refuses is believed at once, whether or not the class can be told yet.
    if (answer.kind !== "told" && choice === "refused") this.#decide("refused");
    if (answer.kind !== "told") return false;
    this.#heard(answer);
    return true;
  }

  /** The class takes nothing any more: the student has chosen so elsewhere. */
  rejected(rejections: readonly Rejection[]): void {
    if (this.sharing !== "shared" || !rejections.some(({ code }) => code === "consent_refused")) return;
    this.#decide("refused");
    void this.look();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelRetry?.();
  }

  #heard(answer: Exclude<ConsentAnswer, { kind: "unavailable" }>): void {
    if (answer.kind !== "told") {
      this.#decide("shared");
      return;
    }
    const { text, version, choice, chosen_version: chosenVersion } = answer.consent;
    const isToChoose = text !== "" && chosenVersion !== version;
    const wasAsked = this.sharing === "asked" && this.#text?.version === version;
    this.#text = answer.consent;
    this.#decide(isToChoose ? "asked" : choice === "refused" ? "refused" : "shared");
    if (isToChoose && !wasAsked) this.#options.onAsk();
  }

  #decide(sharing: Sharing): void {
    this.#gate.decide(sharing);
    this.#options.onChange();
  }
}
