import { closeCodes } from "@cell-monitor/protocol";
import { Backoff } from "./backoff.ts";
import type { Credentials } from "./credentials.ts";
import { type ConnectionEnd, LiveConnection, type LiveConnectionOptions } from "./live-connection.ts";
import type { SendOutcome } from "./outcome.ts";
import type { Platform } from "./platform.ts";
import type { QueuedEvent } from "./queue-store.ts";

export interface SocketLinkOptions extends Pick<LiveConnectionOptions, "url" | "onNotification"> {
  readonly credentials: Credentials;
  readonly platform: Platform;
  /** It opened or closed, or what may be hoped of it has changed. */
  readonly onChange: () => void;
  /** The class has revoked the credential. */
  readonly onRevoked: (message: string) => void;
}

/** How long events had better wait for a connection that is being made, */
const patienceMs = 2_000;
/** and how many tries in a row may fail until they wait no more. */
const hopefulTries = 2;
const renewWithinMs = 15_000;
/** Without an event or a raised hand for this long nothing can be missed: no timer keeps the machine awake. */
const restAfterMs = 5 * 60_000;
/** A network that lets no WebSocket through is asked seldom. */
const longestBackoffMs = 5 * 60_000;

/** A connection to the class that is made again when it ends, for as long as somebody wants it. */
export class SocketLink {
  readonly #options: SocketLinkOptions;
  readonly #platform: Platform;
  readonly #backoff: Backoff;
  #connection: LiveConnection | undefined;
  /** For good: closed, or taken over by another connection of the same session. */
  #isOver = false;
  /** The class takes it no more. */
  #refusedToken: string | undefined;
  #hopeUntilMs = 0;
  #wantedMs = 0;
  #cancelRetry: (() => void) | undefined;

  constructor(options: SocketLinkOptions) {
    this.#options = options;
    this.#platform = options.platform;
    this.#backoff = new Backoff(options.platform, longestBackoffMs);
  }

  get isOpen(): boolean {
    return this.#connection?.isOpen === true;
  }

  /** Until when, by `elapsed`, events had better wait for it. */
  get hopeUntilMs(): number {
    const isTrying = !this.isOpen && (this.#connection ?? this.#cancelRetry) !== undefined;
    return isTrying && this.#backoff.failures < hopefulTries ? this.#hopeUntilMs : 0;
  }

  /** There is something to send, or to hear. */
  want(): void {
    this.#wantedMs = this.#platform.elapsed();
    if (this.isOpen) this.#connection?.listenAgain();
    else if (!this.#connection && !this.#cancelRetry) this.#openHopefully();
  }

  /** The network may have changed: what is open is tested, what is closed is opened. */
  wake(): void {
    this.#wantedMs = this.#platform.elapsed();
    if (this.isOpen) return this.#connection?.ping();
    if (this.#connection) return;
    this.#backoff.succeed();
    this.#openHopefully();
  }

  /** Sends a batch; only while it is open. */
  send(events: readonly QueuedEvent[]): Promise<SendOutcome> {
    return this.#connection?.send(events) ?? Promise.resolve({ kind: "lost" });
  }

  close(): void {
    this.#isOver = true;
    this.#stopWaiting();
    this.#connection?.end();
  }

  #openHopefully(): void {
    this.#hopeUntilMs = this.#platform.elapsed() + patienceMs;
    this.#open();
  }

  #open(): void {
    this.#stopWaiting();
    const token = this.#token();
    if (this.#isOver || token === undefined || token === this.#refusedToken) return;
    try {
      this.#connection = new LiveConnection({
        ...this.#options,
        token: () => this.#token() ?? token,
        isWanted: () => this.#isWanted,
        onOpen: this.#options.onChange,
        onAnswer: () => this.#backoff.succeed(),
        onEnd: (end) => this.#ended(end),
      });
    } catch {
      this.#openLater();
      this.#options.onChange();
    }
  }

  #ended({ wasOpen, code, reason }: ConnectionEnd): void {
    const token = this.#connection?.knownToken;
    this.#connection = undefined;
    if (this.#isOver) return;
    // After one that hung nothing waits any longer.
    if (wasOpen) this.#hopeUntilMs = code === undefined ? 0 : this.#platform.elapsed() + patienceMs;
    if (code === closeCodes.replaced) this.#isOver = true;
    else if (code === closeCodes.revoked) {
      this.#refusedToken = token;
      this.#options.onRevoked(reason);
    } else if (code === closeCodes.expired) void this.#expired(token);
    else this.#openLater();
    this.#options.onChange();
  }

  async #expired(token: string | undefined): Promise<void> {
    this.#wait(renewWithinMs, () => this.#openLater());
    const { credentials } = this.#options;
    if (credentials.token() === token && (await credentials.refresh()) === "refused") {
      this.#refusedToken = token;
    }
    if (!this.#connection) this.#openLater();
  }

  #openLater(): void {
    this.#stopWaiting();
    if (this.#isOver) return;
    this.#backoff.fail();
    // Where nobody wants it, the next event opens it.
    if (this.#isWanted) this.#wait(this.#backoff.notBeforeMs - this.#platform.elapsed(), () => this.#open());
  }

  get #isWanted(): boolean {
    return this.#platform.elapsed() - this.#wantedMs < restAfterMs;
  }

  /** The newest; renewed in time. */
  #token(): string | undefined {
    const { credentials } = this.#options;
    if (credentials.isEnding?.()) void credentials.refresh().then(() => this.#connection?.tellToken());
    return credentials.token();
  }

  #wait(delayMs: number, run: () => void): void {
    this.#stopWaiting();
    this.#cancelRetry = this.#platform.after(delayMs, run);
  }

  #stopWaiting(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
  }
}
