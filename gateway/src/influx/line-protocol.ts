import { parseFieldValue } from "./field-value.ts";
import type { FieldValue } from "./point.ts";

export interface ParsedPoint {
  readonly measurement: string;
  /** Sorted by key. */
  readonly tags: [string, string][];
  readonly fields: [string, FieldValue][];
  /** In nanoseconds; undefined when the line has none. */
  readonly timestamp: bigint | undefined;
}

export interface ParsedLines {
  readonly points: readonly ParsedPoint[];
  /** One sentence for each line that is no point, as InfluxDB says it. */
  readonly problems: readonly string[];
}

/** The units a timestamp may be in, in nanoseconds. */
export const PRECISIONS: ReadonlyMap<string, bigint> = new Map([
  ["ns", 1n],
  ["us", 1_000n],
  ["ms", 1_000_000n],
  ["s", 1_000_000_000n],
]);

/** Reads line protocol. A bad line is reported and doesn't keep the others back. */
export function parseLines(text: string, nanosecondsPerUnit: bigint): ParsedLines {
  const points: ParsedPoint[] = [];
  const problems: string[] = [];
  for (const line of splitLines(text)) {
    try {
      points.push(new LineReader(line).read(nanosecondsPerUnit));
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      problems.push(`unable to parse '${line}': ${error.message}`);
    }
  }
  return { points, problems };
}

class LineError extends Error {}

/** A line break inside a quoted field value is part of the value. Empty lines and comments are no lines. */
function splitLines(text: string): string[] {
  const lines: string[] = [];
  let start = 0;
  while (start < text.length) {
    const end = endOfLine(text, start);
    const line = text.slice(start, end).replace(/\r$/, "").trimStart();
    if (line !== "" && !line.startsWith("#")) lines.push(line);
    start = end + 1;
  }
  return lines;
}

function endOfLine(text: string, start: number): number {
  let quoted = false;
  let inFields = false;
  for (let i = start; i < text.length; i++) {
    const character = text[i];
    if (character === "\\") i++;
    else if (character === "\n" && !quoted) return i;
    else if (character === " ") inFields = true;
    // Before the fields a quote is a character like any other, and so it is anywhere in a comment.
    else if (character === '"' && inFields && text[start] !== "#") quoted = !quoted;
  }
  return text.length;
}

/** Reads one line from left to right: measurement, tags, fields, timestamp. */
class LineReader {
  readonly #line: string;
  #at = 0;

  constructor(line: string) {
    this.#line = line;
  }

  read(nanoseconds: bigint): ParsedPoint {
    const measurement = this.#name(", ");
    if (measurement === "") throw new LineError("missing measurement");
    const tags = this.#tags();
    this.#skipSpaces();
    const fields = this.#fields();
    this.#skipSpaces();
    const timestamp = this.#timestamp(nanoseconds);
    return { measurement, tags, fields, timestamp };
  }

  #tags(): [string, string][] {
    const tags: [string, string][] = [];
    while (this.#take(",")) {
      const key = this.#name(",= ");
      if (key === "") throw new LineError("missing tag key");
      if (!this.#take("=")) throw new LineError("missing tag value");
      const value = this.#name(",= ");
      if (value === "") throw new LineError("missing tag value");
      if (this.#peek() === "=") throw new LineError("invalid tag format");
      tags.push([key, value]);
    }
    tags.sort(([a], [b]) => (a < b ? -1 : 1));
    if (tags.some(([key], i) => key === tags[i + 1]?.[0])) throw new LineError("duplicate tags");
    return tags;
  }

  #fields(): [string, FieldValue][] {
    if (this.#at >= this.#line.length) throw new LineError("missing fields");
    const fields = new Map<string, FieldValue>();
    do {
      const key = this.#name(",= ");
      if (key === "") throw new LineError("missing field key");
      if (!this.#take("=")) throw new LineError("missing field value");
      fields.set(key, this.#peek() === '"' ? this.#quoted() : this.#bare());
    } while (this.#take(","));
    return [...fields];
  }

  #quoted(): FieldValue {
    let value = "";
    for (this.#at++; this.#at < this.#line.length; this.#at++) {
      const character = this.#line[this.#at];
      const next = this.#line[this.#at + 1];
      if (character === '"') {
        this.#at++;
        if (!this.#atEndOf(", ")) throw new LineError("invalid field format");
        return { type: "string", value };
      }
      if (character === "\\" && (next === '"' || next === "\\")) {
        value += next;
        this.#at++;
      } else value += character;
    }
    throw new LineError("unbalanced quotes");
  }

  #bare(): FieldValue {
    const start = this.#at;
    while (!this.#atEndOf(", ")) this.#at++;
    const text = this.#line.slice(start, this.#at);
    if (text === "") throw new LineError("missing field value");
    const value = parseFieldValue(text);
    if (value === undefined) throw new LineError(/^[tf]/i.test(text) ? "invalid boolean" : "invalid number");
    return value;
  }

  #timestamp(nanoseconds: bigint): bigint | undefined {
    const text = this.#line.slice(this.#at).trimEnd();
    if (text === "") return undefined;
    if (!/^-?\d{1,19}$/.test(text)) throw new LineError("bad timestamp");
    const timestamp = BigInt(text) * nanoseconds;
    if (timestamp < MIN_TIMESTAMP || timestamp > MAX_TIMESTAMP) throw new LineError("time outside range");
    return timestamp;
  }

  /** A measurement or key up to one of the characters that end it; a backslash takes those as they are. */
  #name(ends: string): string {
    let name = "";
    for (; !this.#atEndOf(ends); this.#at++) {
      const next = this.#line[this.#at + 1];
      if (this.#peek() === "\\" && next !== undefined && ESCAPABLE.includes(next)) this.#at++;
      name += this.#line[this.#at] ?? "";
    }
    return name;
  }

  #peek(): string | undefined {
    return this.#line[this.#at];
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#at++;
    return true;
  }

  #atEndOf(ends: string): boolean {
    const character = this.#peek();
    return character === undefined || ends.includes(character);
  }

  #skipSpaces(): void {
    while (this.#take(" "));
  }
}

const ESCAPABLE = ",= ";
/** InfluxDB's own bounds, which leave the ends of 64 bits free. */
const MIN_TIMESTAMP = -9_223_372_036_854_775_806n;
const MAX_TIMESTAMP = 9_223_372_036_854_775_806n;
