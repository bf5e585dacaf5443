import {
  baseUrlOf,
  type EventDraft,
  join,
  keepCredential,
  type Platform,
  Sender,
  type SenderFault,
  type SenderState,
  systemPlatform,
} from "@cell-monitor/client";
import type { StudentCredential } from "@cell-monitor/protocol";
import { Consent } from "./consent/consent.ts";
import type { Memberships } from "./memberships.ts";

export interface JoinRequest {
  readonly serverUrl: string;
  readonly joinCode: string;
  readonly userName: string;
  readonly teamName: string;
  readonly notebooks: readonly string[];
}

export type JoinOutcome = { readonly ok: true } | { readonly ok: false; readonly message: string };

export interface ConnectionState {
  /** `apart`: no class is joined. */
  readonly link: "apart" | "joining" | SenderState["link"];
  readonly unsent: number;
  readonly lost: number;
}

export interface ConnectionOptions {
  readonly memberships: Memberships;
  readonly onState: () => void;
  /** A class is joined: events can be recorded from now on. */
  readonly onOpened: (credential: StudentCredential) => void;
  /** The class is left: nothing may be recorded. */
  readonly onClosed: () => void;
  /** Something that only the student can mend. */
  readonly onProblem: (message: string) => void;
  /** The class tells the student something; not looked at yet. */
  readonly onNotifications: (notifications: readonly unknown[]) => void;
  /** Nothing is shared until the student has said whether they agree. */
  readonly onAsk?: () => void;
  readonly platform?: Platform;
}

const firstRetryMs = 2_000;
const longestRetryMs = 60_000;

/** At most one class at a time: joins it, keeps the credential, owns the sender. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #platform: Platform;
  #sender: Sender | undefined;
  #consent: Consent | undefined;
  #key: string | undefined;
  #link: "apart" | "joining" = "apart";
  #told = new Set<string>();
  #cancelRetry: (() => void) | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#platform = options.platform ?? systemPlatform;
  }

  get sender(): Sender | undefined {
    return this.#sender;
  }

  get consent(): Consent | undefined {
    return this.#consent;
  }

  get state(): ConnectionState {
    return this.#sender?.state ?? { link: this.#link, unsent: 0, lost: 0 };
  }

  /** Goes on in a class that was joined before; otherwise joins it, if all that takes is known. */
  async resume(request: JoinRequest): Promise<void> {
    const { serverUrl, joinCode, userName } = request;
    const key = this.#keyOf(request);
    if (key === this.#key) return;
    this.leave();
    if (serverUrl === "" || joinCode === "") return;
    const credential = this.#options.memberships.load(key);
    if (credential) this.#open(key, serverUrl, credential);
    else if (userName !== "") await this.#joinUntilAnswered(request, key);
  }

  /** Joins, once: as who joined here before under the same name, or as a new student. */
  async join(request: JoinRequest): Promise<JoinOutcome> {
    const key = this.#keyOf(request);
    this.leave();
    this.#key = key;
    this.#show("joining");
    const { serverUrl, joinCode, userName } = request;
    const former = this.#options.memberships.loadOf(key, userName);
    const answer = await join(serverUrl, joinCode, userName, this.#platform, former);
    if (this.#key !== key) return { ok: false, message: "" };
    if (answer.kind !== "granted") {
      this.leave();
      return { ok: false, message: answer.message };
    }
    this.#options.memberships.save(key, answer.credential, userName);
    this.#open(key, serverUrl, answer.credential);
    return { ok: true };
  }

  leave(): void {
    this.#cancelRetry?.();
    this.#key = undefined;
    if (this.#sender) {
      this.#options.onClosed();
      this.#consent?.close();
      this.#consent = undefined;
      this.#sender.close();
      this.#sender = undefined;
    }
    this.#show("apart");
  }

  /** Records what is told of every student, whatever they share. */
  record(draft: EventDraft): void {
    this.#sender?.record(draft);
  }

  /** Records what is told only of those who share it. */
  share(draft: EventDraft): void {
    this.#consent?.record(draft);
  }

  #keyOf({ serverUrl, joinCode }: JoinRequest): string {
    return this.#options.memberships.keyOf(baseUrlOf(serverUrl), joinCode);
  }

  /** A server that is away is asked again, later and later; one that says no is not. */
  async #joinUntilAnswered(request: JoinRequest, key: string, attempt = 0): Promise<void> {
    this.#key = key;
    this.#show("joining");
    const { serverUrl, joinCode, userName } = request;
    const answer = await join(serverUrl, joinCode, userName, this.#platform);
    if (this.#key !== key) return;
    if (answer.kind === "granted") {
      this.#options.memberships.save(key, answer.credential, userName);
      this.#open(key, serverUrl, answer.credential);
    } else if (answer.kind === "refused") {
      this.#show("apart");
      this.#options.onProblem(answer.message);
    } else {
      const ceilingMs = Math.min(longestRetryMs, firstRetryMs * 2 ** attempt);
      const delayMs = (answer.retryAfterMs ?? 0) + ceilingMs * (0.5 + this.#platform.random() / 2);
      this.#cancelRetry = this.#platform.after(delayMs, () => {
        void this.#joinUntilAnswered(request, key, attempt + 1);
      });
    }
  }

  #open(key: string, server: string, credential: StudentCredential): void {
    const { memberships, onState, onOpened, onNotifications, onAsk } = this.#options;
    const credentials = keepCredential({
      server,
      credential,
      platform: this.#platform,
      onRenewed: (renewed) => memberships.save(key, renewed),
      onRefused: (_, message) => {
        if (this.#key !== key) return;
        memberships.forget(key);
        this.leave();
        this.#options.onProblem(message);
      },
    });
    this.#key = key;
    this.#told = new Set();
    this.#sender = new Sender({
      server,
      // By a socket the class can tell the student something while there is nothing to send.
      classId: credential.classId,
      credentials,
      platform: this.#platform,
      onNotifications,
      onRejected: (rejections) => this.#consent?.rejected(rejections),
      onState,
      onFault: (fault) => this.#tellOnce(fault),
    });
    const sender = this.#sender;
    this.#consent = new Consent({
      server,
      credentials,
      platform: this.#platform,
      record: (draft) => sender.record(draft),
      onAsk: () => onAsk?.(),
      onChange: onState,
    });
    onOpened(credential);
    onState();
  }

  /** The server repeats a refusal as often as it is asked; the student hears it once. */
  #tellOnce({ code, message }: SenderFault): void {
    if (this.#told.has(code)) return;
    this.#told.add(code);
    this.#options.onProblem(message);
  }

  #show(link: "apart" | "joining"): void {
    this.#link = link;
    this.#options.onState();
  }
}
