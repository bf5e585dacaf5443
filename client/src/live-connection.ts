import {
  bearerSubprotocolPrefix,
  type ErrorFrame,
  errorStatus,
  liveSubprotocol,
  type NotificationFrame,
  pingText,
  pongText,
  type StudentFrame,
  studentFrameSchema,
} from "@cell-monitor/protocol";
import { refusalOutcome, type SendOutcome } from "./outcome.ts";
import { parseWith } from "./parse.ts";
import type { LiveSocket, Platform } from "./platform.ts";
import { envelopeOf } from "./post.ts";
import type { QueuedEvent } from "./queue-store.ts";

/** Why a connection ended; no code where it was this side that gave it up. */
export interface ConnectionEnd {
  readonly wasOpen: boolean;
  readonly code?: number;
  readonly reason: string;
}

export interface LiveConnectionOptions {
  readonly url: string;
  /** The newest that is to be had. */
  readonly token: () => string;
  readonly platform: Platform;
  /** Whether anything could be missed if it broke. */
  readonly isWanted: () => boolean;
  readonly onOpen: () => void;
  /** The class itself, or what answers for it while it sleeps, has answered. */
  readonly onAnswer: () => void;
  readonly onNotification: (frame: NotificationFrame) => void;
  /** Called once, also where it never opened; what was on its way has landed as lost by then. */
  readonly onEnd: (end: ConnectionEnd) => void;
}

/** To open, to answer a frame, to answer a ping. */
const answerWithinMs = 10_000;
const pingAfterMs = 25_000;
const normalCloseCode = 1000;

interface Flight {
  readonly land: (outcome: SendOutcome) => void;
  readonly cancelDeadline: () => void;
}

/**
 * One WebSocket, from its opening to its end. A server that hangs, behind a connection that looks alive, is found out by
 * deadlines.
 */
export class LiveConnection {
  readonly #options: LiveConnectionOptions;
  readonly #flights = new Map<string, Flight>();
  readonly #socket: LiveSocket | undefined;
  #token: string;
  #isOpen = false;
  #hasEnded = false;
  #frames = 0;
  #cancelTimer: (() => void) | undefined;

  constructor(options: LiveConnectionOptions) {
    this.#options = options;
    const { platform, url, token } = options;
    this.#token = token();
    const socket = platform.openSocket?.(url, [liveSubprotocol, bearerSubprotocolPrefix + this.#token]);
    this.#socket = socket;
    this.#wait(answerWithinMs, () => this.end());
    socket?.addEventListener("open", () => this.#opened());
    socket?.addEventListener("message", ({ data }) => this.#received(data));
    socket?.addEventListener("close", (close) => this.end(close));
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** The token that the class knows of. */
  get knownToken(): string {
    return this.#token;
  }

  /** Sends a batch; only while it is open. */
  send(events: readonly QueuedEvent[]): Promise<SendOutcome> {
    this.tellToken();
    const { platform } = this.#options;
    const id = `${(this.#frames += 1)}`;
    const envelope = envelopeOf(events, platform.now());
    return new Promise((land) => {
      const cancelDeadline = platform.after(answerWithinMs, () => this.end());
      this.#flights.set(id, { land, cancelDeadline });
      this.#socket?.send(`{"type":"events","id":"${id}",${envelope.slice(1)}`);
    });
  }

  /** Waits for the next sign of life, and asks for one if it doesn't come. No timer while nobody wants any. */
  listen(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#options.isWanted()) this.#wait(pingAfterMs, () => this.ping());
  }

  /** Wanted again, it may have to be listened to again. */
  listenAgain(): void {
    if (!this.#cancelTimer) this.listen();
  }

  ping(): void {
    this.tellToken();
    this.#socket?.send(pingText);
    this.#wait(answerWithinMs, () => this.end());
  }

  /** Tells the class of a token that is newer than the one it knows. */
  tellToken(): void {
    const token = this.#options.token();
    if (!this.#isOpen || token === this.#token) return;
    this.#token = token;
    this.#socket?.send(JSON.stringify({ type: "renew", token }));
  }

  /** What it still says from then on is about nothing any more. */
  end({ code, reason }: Omit<ConnectionEnd, "wasOpen"> = { reason: "" }): void {
    if (this.#hasEnded) return;
    const wasOpen = this.#isOpen;
    this.#hasEnded = true;
    this.#isOpen = false;
    this.#cancelTimer?.();
    this.#socket?.close(normalCloseCode);
    for (const id of this.#flights.keys()) this.#land(id, { kind: "lost" });
    this.#options.onEnd({ wasOpen, ...(code !== undefined && { code }), reason });
  }

  #opened(): void {
    if (this.#hasEnded) return;
    this.#isOpen = true;
    this.listen();
    this.tellToken();
    this.#options.onOpen();
  }

  #received(data: unknown): void {
    if (this.#hasEnded) return;
    this.listen();
    if (data === pongText) return this.#options.onAnswer();
    const frame = frameOf(data);
    if (frame?.type === "ack") {
      this.#options.onAnswer();
      for (const id of frame.ids) this.#land(id, { kind: "acknowledged", ack: frame, notifications: [] });
    } else if (frame && frame.type !== "error") {
      this.#options.onNotification(frame);
    } else if (frame?.id !== undefined) {
      this.#land(frame.id, refusalOutcome(statusOf(frame), frame, frame.retryAfterMs));
    } else if (frame && this.#flights.size > 0) {
      // Something that was sent can't be read there, and it isn't said what: HTTP will say.
      this.end();
    }
  }

  #land(id: string, outcome: SendOutcome): void {
    const flight = this.#flights.get(id);
    this.#flights.delete(id);
    flight?.cancelDeadline();
    flight?.land(outcome);
  }

  #wait(delayMs: number, run: () => void): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#options.platform.after(delayMs, run);
  }
}

function frameOf(data: unknown): StudentFrame | undefined {
  try {
    return parseWith(studentFrameSchema, JSON.parse(String(data)));
  } catch {
    return undefined;
  }
}

/** As HTTP would have answered. What isn't known here won't be taken another time either, unless it says so. */
function statusOf({ code, retryAfterMs }: ErrorFrame): number {
  const status = Object.entries(errorStatus).find(([known]) => known === code)?.[1];
  return status ?? (retryAfterMs === undefined ? 422 : 503);
}
