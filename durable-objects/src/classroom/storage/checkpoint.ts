import { limits } from "@cell-monitor/protocol";
import * as v from "valibot";
import { splitText } from "./parts.ts";

export interface TailSize {
  readonly events: number;
  readonly size: number;
}

/**
 * Whether the log's tail has grown so long that a new checkpoint pays: 128 events or 128 KiB, but never less than
 * the checkpoint itself, so that writing checkpoints at most doubles what is written.
 */
export function isCheckpointDue(tail: TailSize, checkpointSize: number): boolean {
  return (tail.events >= 128 || tail.size >= 128 * 1024) && tail.size >= checkpointSize;
}

/** Writes the state as of a version, replacing the one before. @returns its size in UTF-16 units */
export function writeCheckpoint(sql: SqlStorage, text: string): number {
  const keyOf = (part: number) => String(part).padStart(6, "0");
  const parts = splitText(text);
  for (const [part, body] of parts.entries()) {
    // An update in place counts as one row written, where a deletion and an insertion count as two.
    const upsert =
      "INSERT INTO checkpoint (part, body) VALUES (?, ?) ON CONFLICT (part) DO UPDATE SET body = excluded.body";
    sql.exec(upsert, keyOf(part), body);
  }
  sql.exec("DELETE FROM checkpoint WHERE part >= ?", keyOf(parts.length));
  return text.length;
}

export function readCheckpoint(sql: SqlStorage): string | undefined {
  const parts = sql.exec<{ body: string }>("SELECT body FROM checkpoint ORDER BY part").toArray();
  return parts.length === 0 ? undefined : parts.map(({ body }) => body).join("");
}

/** So that a row stays far below what the platform takes as one value. */
const idsPerRow = 2_000;
const idsSchema = v.array(v.string());

/** The ids of un-numbered events, one row a checkpoint, for as long as they are told from repeats. */
export class UnnumberedIds {
  readonly #sql: SqlStorage;
  readonly #fresh: string[] = [];
  #known: Set<string> | undefined;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Read only when the first un-numbered event asks: our own client numbers all of its events. */
  has(studentId: string, eventId: string): boolean {
    return this.#load().has(`${studentId}/${eventId}`);
  }

  add(studentId: string, eventId: string): void {
    const key = `${studentId}/${eventId}`;
    // Not loaded for this: on waking the tail is recalled, and nobody may ever ask.
    this.#known?.add(key);
    this.#fresh.push(key);
  }

  /** Stores what was added since the last call, and forgets what is old. */
  checkpoint(nowMs: number): void {
    this.#sql.exec("DELETE FROM unnumbered WHERE received_ms < ?", nowMs - limits.unnumberedMemoryMs);
    const { last } = this.#sql
      .exec<{ last: number | null }>("SELECT max(received_ms) AS last FROM unnumbered")
      .one();
    let key = Math.max(nowMs, (last ?? 0) + 1);
    while (this.#fresh.length > 0) {
      const body = JSON.stringify(this.#fresh.splice(0, idsPerRow));
      this.#sql.exec("INSERT INTO unnumbered (received_ms, body) VALUES (?, ?)", key, body);
      key += 1;
    }
  }

  #load(): Set<string> {
    if (!this.#known) {
      const rows = this.#sql
        .exec<{ body: string }>("SELECT body FROM unnumbered ORDER BY received_ms")
        .toArray();
      const stored = rows.flatMap(({ body }) => v.parse(idsSchema, JSON.parse(body)));
      this.#known = new Set([...stored, ...this.#fresh]);
    }
    return this.#known;
  }
}
