import { bearerSubprotocolPrefix, liveSubprotocol } from "@cell-monitor/protocol";
import type { TestClass } from "./test-class.ts";

/** A live connection to the class that is made anew whenever it breaks, until it is closed. */
export class LiveConnection implements Disposable {
  readonly #made: TestClass;
  readonly #token: string;
  readonly #on: { open(): void; message(text: string): void };
  readonly #search: () => string;
  #socket: WebSocket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  /** Connections that were opened. */
  opened = 0;

  constructor(
    made: TestClass,
    token: string,
    search: () => string,
    on: { open(): void; message(text: string): void },
  ) {
    this.#made = made;
    this.#token = token;
    this.#search = search;
    this.#on = on;
    this.#connect();
  }

  get isOpen(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  send(message: object): void {
    if (this.isOpen) this.#socket?.send(JSON.stringify(message));
  }

  /** Breaks the connection; `again` makes a new one. */
  leave(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
  }

  again(): void {
    this.#isClosed = false;
    this.#connect();
  }

  [Symbol.dispose](): void {
    this.leave();
  }

  #connect(): void {
    const { system, id } = this.#made;
    const url = `${system.url.replace(/^http/, "ws")}/api/v1/live/${id}${this.#search()}`;
    const socket = new WebSocket(url, [liveSubprotocol, bearerSubprotocolPrefix + this.#token]);
    this.#socket = socket;
    const isCurrent = (): boolean => this.#socket === socket && !this.#isClosed;
    socket.addEventListener("open", () => {
      this.opened += 1;
      if (isCurrent()) this.#on.open();
    });
    socket.addEventListener("message", ({ data }) => {
      if (isCurrent()) this.#on.message(String(data));
    });
    // Follows every error, too.
    socket.addEventListener("close", () => {
      if (isCurrent()) this.#timer = setTimeout(() => this.#connect(), 20);
    });
  }
}
