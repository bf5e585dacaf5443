import { Duplex } from "node:stream";
import { callbackify } from "node:util";

import type { PgliteEngine } from "./pglite-engine.ts";

type Done = (error?: Error | null) => void;

/**
 * What pg takes for the socket of a server: the protocol's bytes go to the embedded database and come back.
 * pg corks a query's messages, so each write is whole messages and each query is one exchange.
 */
export class PgliteSocket extends Duplex {
  readonly #engine: PgliteEngine;
  #busy = false;

  constructor(engine: PgliteEngine) {
    super();
    this.#engine = engine;
  }

  connect(): this {
    this.#engine.start().then(
      () => this.emit("connect"),
      (error: Error) => this.destroy(error),
    );
    return this;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    callbackify(() => this.#exchange(chunk))(done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: Done): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), "binary", done);
  }

  override _read(): void {
    // Answers are pushed as they come.
  }

  override _final(done: Done): void {
    this.push(null);
    done();
  }

  override _destroy(error: Error | null, done: Done): void {
    if (this.#busy) this.#engine.abandon();
    done(error);
  }

  async #exchange(chunk: Buffer): Promise<void> {
    // A goodbye ends the connection, and the one session of the database is there for the next.
    if (chunk[0] === TERMINATE) return;
    this.#busy = true;
    try {
      // A copy, because pg reuses its buffer while the message is on its way to the thread.
      const answer = await this.#engine.exchange(Uint8Array.from(chunk));
      if (answer.length > 0) this.push(Buffer.from(answer.buffer, answer.byteOffset, answer.length));
    } finally {
      this.#busy = false;
    }
  }

  // What pg calls on a TCP socket, and what means nothing here.
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}

const TERMINATE = 0x58;
