import { pgliteModules } from "./pglite-modules.ts";
import { PgliteThread } from "./pglite-thread.ts";

/** The embedded database: a PGlite thread, and a new one on the same folder when the last one died or was given up. */
export class PgliteEngine {
  readonly #folder: string | undefined;
  #thread: Promise<PgliteThread> | undefined;
  #previousEnded: Promise<void> = Promise.resolve();
  #closed = false;

  /** Without a folder the database is in memory. */
  constructor(folder: string | undefined) {
    this.#folder = folder;
  }

  /** Resolves when the database is open. */
  async start(): Promise<void> {
    const thread = await this.#current();
    await thread.ready;
  }

  /** Sends whole messages of the wire protocol and resolves with PostgreSQL's answer to them. */
  async exchange(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
    const thread = await this.#current();
    return thread.exchange(bytes);
  }

  /**
   * Gives up what the database is busy with. WebAssembly can't be interrupted, so the thread is ended and the next use
   * recovers the folder as after a crash. In memory that would lose the database: there the work runs to its end.
   */
  abandon(): void {
    if (this.#folder === undefined) return;
    void this.#thread?.then((thread) => thread.kill());
    this.#thread = undefined;
  }

  /** For good: whoever still writes to it, as connections do that say goodbye, must not start it again. */
  async close(): Promise<void> {
    this.#closed = true;
    const thread = await this.#thread;
    this.#thread = undefined;
    await thread?.close();
    await this.#previousEnded;
  }

  /** Two threads must never have the folder open at once, so a new one waits for the old one's end. */
  #current(): Promise<PgliteThread> {
    if (this.#closed) return Promise.reject(new Error("the embedded database is closed"));
    if (this.#thread !== undefined) return this.#thread;
    const starting = this.#previousEnded.then(
      async () => new PgliteThread({ folder: this.#folder, modules: await pgliteModules() }),
    );
    this.#thread = starting;
    this.#previousEnded = starting.then(async (thread) => {
      await thread.ended;
      if (this.#thread === starting) this.#thread = undefined;
    });
    return starting;
  }
}
