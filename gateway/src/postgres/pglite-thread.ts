import { once } from "node:events";
import { Worker } from "node:worker_threads";

import * as v from "valibot";

import type { WorkerData, WorkerRequest } from "./pglite-messages.ts";
import { WorkerReply } from "./pglite-messages.ts";

interface Exchange {
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

/** One life of the worker thread that PGlite runs in, from opening the database to the thread's end. */
export class PgliteThread {
  /** Resolves when the database is open; rejects when it can't be opened. */
  readonly ready: Promise<void>;
  /** Resolves when the thread is gone, whatever the reason. */
  readonly ended: Promise<void>;
  readonly #worker: Worker;
  readonly #exchanges = new Map<number, Exchange>();
  #nextId = 1;
  #failure: Error | undefined;

  constructor(workerData: WorkerData) {
    this.#worker = new Worker(new URL("pglite-worker.ts", import.meta.url), { workerData });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.ready = promise;
    // Who waits for the database sees the failure; nobody waiting is no fault by itself.
    promise.catch(() => undefined);
    this.#worker.on("message", (message: unknown) => {
      const reply = v.parse(WorkerReply, message);
      if (reply.kind === "ready") resolve();
      else this.#settle(reply.id, reply.bytes);
    });
    this.#worker.on("error", (cause) =>
      this.#fail(new Error("the embedded database failed", { cause }), reject),
    );
    this.ended = once(this.#worker, "exit").then(() =>
      this.#fail(new Error("the embedded database has ended"), reject),
    );
  }

  /** Sends whole messages of the wire protocol and resolves with PostgreSQL's answer to them. */
  async exchange(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
    await this.ready;
    if (this.#failure !== undefined) throw this.#failure;
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#exchanges.set(id, { resolve, reject });
      this.#post({ kind: "bytes", id, bytes });
    });
  }

  /** Lets the database finish what it was given, write its last checkpoint and end. */
  async close(): Promise<void> {
    this.#post({ kind: "close" });
    await this.ended;
  }

  /** Ends the thread in the midst of whatever it does. */
  kill(): void {
    void this.#worker.terminate();
  }

  #post(request: WorkerRequest): void {
    this.#worker.postMessage(request);
  }

  #settle(id: number, bytes: Uint8Array): void {
    this.#exchanges.get(id)?.resolve(bytes);
    this.#exchanges.delete(id);
  }

  #fail(error: Error, rejectReady: (error: Error) => void): void {
    this.#failure ??= error;
    rejectReady(this.#failure);
    for (const exchange of this.#exchanges.values()) exchange.reject(this.#failure);
    this.#exchanges.clear();
  }
}
