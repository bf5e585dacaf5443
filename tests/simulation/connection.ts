import { pingText, pongText } from "@cell-monitor/protocol";
import type { Socket } from "../../durable-objects/src/classroom/live/socket.ts";
import type { World } from "./world.ts";

/** What a client's end of a connection hears. */
export interface Ears {
  message(text: string): void;
  close(code: number, reason: string): void;
}

/** What the class's end does with what comes. */
export interface ServerEnd {
  received(connection: Connection, text: string): void;
  closed(connection: Connection): void;
}

export interface Wire {
  /** How long a frame takes; in their order whatever it says. */
  delayMs(): number;
}

/** One WebSocket as the platform keeps it: it outlives the instance that accepted it, unless that is killed. */
export class Connection {
  readonly id: number;
  /** Whose it is. */
  readonly holder: string;
  readonly tags: readonly string[];
  readonly #world: World;
  readonly #wire: Wire;
  readonly #ears: Ears;
  readonly #end: ServerEnd;
  #attachment = "null";
  #downMs = 0;
  #upMs = 0;
  /** As the class's end sees it. */
  isListed = true;
  /** The class has taken it: one that ends under its opening has never been there. */
  isEstablished = false;
  #isClosing = false;
  #isDeaf = false;

  constructor(
    world: World,
    id: number,
    holder: string,
    tags: readonly string[],
    wire: Wire,
    ears: Ears,
    end: ServerEnd,
  ) {
    this.#world = world;
    this.id = id;
    this.holder = holder;
    this.tags = tags;
    this.#wire = wire;
    this.#ears = ears;
    this.#end = end;
  }

  get attachment(): unknown {
    return JSON.parse(this.#attachment);
  }

  set attachment(value: unknown) {
    this.#attachment = JSON.stringify(value);
  }

  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** From the class, past its output gate. */
  deliver(text: string): void {
    this.#down(() => this.#ears.message(text));
  }

  /** From the client. */
  send(text: string): void {
    this.#up(() => {
      if (text === pingText) this.deliver(pongText);
      else this.#end.received(this, text);
    });
  }

  /** The class closes it: the client hears of it, and answers. */
  closeFromServer(code: number, reason: string): void {
    this.#isClosing = true;
    this.#down(() => this.#hearClose(code, reason));
    this.#up(() => this.#end.closed(this));
  }

  /** The client closes it, and is told of nothing more. */
  closeFromClient(): void {
    this.#isDeaf = true;
    this.#up(() => this.#end.closed(this));
  }

  /** It breaks. The one who is left hears of it late, or never. */
  cut(clientHearsMs: number, serverHearsMs: number): void {
    this.#upMs = Math.max(this.#upMs, this.#world.exactMs + serverHearsMs);
    this.#downMs = Math.max(this.#downMs, this.#world.exactMs + clientHearsMs);
    this.#down(() => this.#hearClose(1006, ""));
    this.#up(() => this.#end.closed(this));
    this.#isCut = true;
  }
  #isCut = false;

  /** The instance that held it is no more. */
  drop(code: number): void {
    this.isListed = false;
    this.#down(() => this.#hearClose(code, ""));
    this.#isCut = true;
  }

  #hearClose(code: number, reason: string): void {
    if (this.#isDeaf) return;
    this.#isDeaf = true;
    this.#ears.close(code, reason);
  }

  #down(run: () => void): void {
    if (this.#isCut) return;
    this.#downMs = Math.max(this.#downMs, this.#world.exactMs + this.#wire.delayMs());
    this.#world.at(this.#downMs, () => {
      if (!this.#isDeaf) run();
    });
  }

  #up(run: () => void): void {
    if (this.#isCut) return;
    this.#upMs = Math.max(this.#upMs, this.#world.exactMs + this.#wire.delayMs());
    this.#world.at(this.#upMs, () => {
      if (this.isListed) run();
    });
  }
}

/** What an instance has in its hands of a connection. */
export interface Hand {
  readonly isAlive: boolean;
  /** Lets something out once what was written before it is durable. */
  gate(output: () => void): void;
}

/** The class's end, made anew for each instance as the platform does. */
export class ServerSocket implements Socket {
  readonly #connection: Connection;
  readonly #hand: Hand;

  constructor(connection: Connection, hand: Hand) {
    this.#connection = connection;
    this.#hand = hand;
  }

  send(text: string): void {
    if (!this.#hand.isAlive) return;
    if (this.#connection.isClosing || !this.#connection.isListed) throw new TypeError("It is closed.");
    this.#hand.gate(() => this.#connection.deliver(text));
  }

  close(code: number, reason: string): void {
    if (!this.#hand.isAlive || this.#connection.isClosing) return;
    this.#hand.gate(() => this.#connection.closeFromServer(code, reason));
  }

  serializeAttachment(value: unknown): void {
    if (this.#hand.isAlive) this.#connection.attachment = value;
  }

  deserializeAttachment(): unknown {
    return this.#connection.attachment;
  }
}
