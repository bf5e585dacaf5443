import type { LogEntry } from "./log.ts";

/** In UTF-16 units of their text. A drain that keeps up is never further behind than this. */
const keptSize = 2 * 1024 * 1024;

interface RecentRow extends LogEntry {
  readonly first: number;
}

/** The log's newest rows as they were written: drains that keep up need not read and parse them again. */
export class RecentRows {
  readonly #rows: RecentRow[] = [];
  #size = 0;

  add(row: RecentRow): void {
    this.#rows.push(row);
    this.#size += row.size;
    while (this.#size > keptSize) this.#size -= this.#rows.shift()?.size ?? 0;
  }

  clear(): void {
    this.#rows.length = 0;
    this.#size = 0;
  }

  /** The rows that hold what came after a version, if all of them are here. */
  after(version: number): readonly LogEntry[] | undefined {
    const [oldest] = this.#rows;
    if (!oldest || oldest.first > version + 1) return undefined;
    const start = this.#rows.findLastIndex(({ first }) => first <= version + 1);
    return this.#rows.slice(start);
  }
}
