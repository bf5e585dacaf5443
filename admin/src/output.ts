import type { Writable } from "node:stream";

export interface OutputOptions {
  readonly json: boolean;
  readonly quiet: boolean;
}

export interface Streams {
  readonly stdout: Writable;
  readonly stderr: Writable & { readonly isTTY?: boolean };
}

/** What a command tells: results on stdout, for people or as one line of JSON; all else on stderr. */
export class Output {
  readonly #streams: Streams;
  readonly #options: OutputOptions;

  constructor(streams: Streams, options: OutputOptions) {
    this.#streams = streams;
    this.#options = options;
  }

  get isJson(): boolean {
    return this.#options.json;
  }

  /** The command's result. @param text what people are shown of it */
  result(value: unknown, text: string): void {
    this.#streams.stdout.write(`${this.#options.json ? JSON.stringify(value) : text}\n`);
  }

  /** One of many results, each a line of its own. */
  line(value: unknown, text: string): void {
    this.result(value, text);
  }

  /** What goes on meanwhile. */
  note(text: string): void {
    if (!this.#options.quiet) this.#streams.stderr.write(`${text}\n`);
  }

  /** How far long work is: one line that is written over on a terminal, and nothing elsewhere. */
  progress(text: string): void {
    if (this.#options.quiet || this.#streams.stderr.isTTY !== true) return;
    this.#streams.stderr.write(`\r\u001B[2K${text}`);
  }

  progressEnd(): void {
    this.progress("");
  }

  get stdout(): Writable {
    return this.#streams.stdout;
  }
}

/** Rows under their headings, in columns. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "(none)";
  const all = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...all.map((row) => widthOf(row[column] ?? ""))));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell + " ".repeat(Math.max(0, (widths[column] ?? 0) - widthOf(cell))))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Columns of a terminal that a text takes: East Asian wide characters take two. */
function widthOf(text: string): number {
  let width = 0;
  for (const character of text)
    width +=
      /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]/.test(
        character,
      )
        ? 2
        : 1;
  return width;
}
