import type { WriteStream } from "node:tty";

/** One line that says what is being done: rewritten in place on a terminal, elsewhere a line for each. */
export class Progress {
  readonly #stream: WriteStream;
  readonly #startedMs: number;
  #what = "";
  #timer: NodeJS.Timeout | undefined;

  constructor(stream: WriteStream) {
    this.#stream = stream;
    this.#startedMs = Date.now();
  }

  show(what: string): void {
    this.#what = what;
    if (!this.#stream.isTTY) {
      this.#stream.write(`${what} …\n`);
      return;
    }
    this.#timer ??= setInterval(() => this.#draw(), 1000).unref();
    this.#draw();
  }

  /** Clears the line. */
  end(): void {
    clearInterval(this.#timer);
    if (this.#stream.isTTY && this.#what !== "") this.#stream.write("\r\u001B[K");
  }

  #draw(): void {
    const seconds = Math.round((Date.now() - this.#startedMs) / 1000);
    this.#stream.write(`\r\u001B[K${this.#what} … ${seconds} s`);
  }
}
