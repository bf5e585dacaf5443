import {
  type ClassEvent,
  liveSubprotocol,
  pongText,
  type Rejection,
  type SessionAck,
} from "@cell-monitor/protocol";
import type { LiveSocket, Platform } from "../src/index.ts";

export interface SentFrame {
  readonly id: string;
  readonly v: number;
  readonly sentAt: string;
  readonly events: readonly ClassEvent[];
}

interface Listeners {
  open: () => void;
  message: (event: { readonly data: unknown }) => void;
  close: (event: { readonly code: number; readonly reason: string }) => void;
}

const nobody: Listeners = { open: () => undefined, message: () => undefined, close: () => undefined };

/** The class's end of a connection. Nothing happens on it but what a test lets happen. */
export class FakeSocket implements LiveSocket {
  readonly url: URL;
  readonly protocols: readonly string[];
  readonly frames: SentFrame[] = [];
  readonly renewals: string[] = [];
  pings = 0;
  /** What this side closed it with. */
  closedWith: number | undefined;
  #listeners: Listeners = nobody;

  constructor(url: string, protocols: readonly string[]) {
    this.url = new URL(url);
    this.protocols = protocols;
  }

  addEventListener<Type extends keyof Listeners>(type: Type, listener: Listeners[Type]): void {
    this.#listeners = { ...this.#listeners, [type]: listener };
  }

  send(text: string): void {
    if (text === "ping") {
      this.pings += 1;
      return;
    }
    const frame = JSON.parse(text);
    if (frame.type === "renew") this.renewals.push(frame.token);
    else this.frames.push(frame);
  }

  close(code: number): void {
    this.closedWith = code;
  }

  get isClosed(): boolean {
    return this.closedWith !== undefined;
  }

  get token(): string | undefined {
    const [name, bearer] = this.protocols;
    return name === liveSubprotocol ? bearer?.replace("bearer.", "") : undefined;
  }

  accept(): void {
    this.#listeners.open();
  }

  say(frame: object | string): void {
    this.#listeners.message({ data: typeof frame === "string" ? frame : JSON.stringify(frame) });
  }

  pong(): void {
    this.say(pongText);
  }

  /** The other end closes, or what lies between breaks. */
  end(code = 1006, reason = ""): void {
    this.#listeners.close({ code, reason });
  }

  /** Acknowledges frames with one account for all. */
  ack(ids: readonly string[], account: SessionAck, rejected: readonly Rejection[] = []): void {
    this.say({ type: "ack", ids, accepted: 1, duplicates: 0, rejected, acks: [account] });
  }
}

/** All the connections that were tried. */
export class FakeSockets {
  readonly tried: FakeSocket[] = [];

  readonly open: NonNullable<Platform["openSocket"]> = (url, protocols) => {
    const socket = new FakeSocket(url, protocols);
    this.tried.push(socket);
    return socket;
  };

  /** The last one. */
  get current(): FakeSocket {
    const socket = this.tried.at(-1);
    if (!socket) throw new Error("No connection was tried.");
    return socket;
  }
}

export function numbersOf(frame: SentFrame | undefined): readonly (number | undefined)[] {
  return frame?.events.map((event) => event.sequence) ?? [];
}
