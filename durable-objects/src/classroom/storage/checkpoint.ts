import { limits } from "@cell-monitor/protocol";

/** Below the platform's 2 MB a value, in UTF-16 units of which one may take three bytes. */
const partLength = 512 * 1024;

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
  sql.exec("DELETE FROM checkpoint");
  for (let start = 0, part = 0; start < text.length; start += partLength, part += 1) {
    const key = String(part).padStart(6, "0");
    sql.exec("INSERT INTO checkpoint (part, body) VALUES (?, ?)", key, text.slice(start, start + partLength));
  }
  return text.length;
}

export function readCheckpoint(sql: SqlStorage): string | undefined {
  const parts = sql.exec<{ body: string }>("SELECT body FROM checkpoint ORDER BY part").toArray();
  return parts.length === 0 ? undefined : parts.map(({ body }) => body).join("");
}

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
    this.#load().add(key);
    this.#fresh.push(key);
  }

  /** Stores what was added since the last call, and forgets what is old. */
  checkpoint(nowMs: number): void {
    this.#sql.exec("DELETE FROM unnumbered WHERE received_ms < ?", nowMs - limits.unnumberedMemoryMs);
    if (this.#fresh.length === 0) return;
    const { last } = this.#sql.exec<{ last: number | null }>("SELECT max(received_ms) AS last FROM unnumbered").one();
    const key = Math.max(nowMs, (last ?? 0) + 1);
    this.#sql.exec("INSERT INTO unnumbered (received_ms, body) VALUES (?, ?)", key, this.#fresh.join("\n"));
    this.#fresh.length = 0;
  }

  #load(): Set<string> {
    if (!this.#known) {
      const rows = this.#sql.exec<{ body: string }>("SELECT body FROM unnumbered ORDER BY received_ms").toArray();
      this.#known = new Set([...rows.flatMap(({ body }) => body.split("\n")), ...this.#fresh]);
    }
    return this.#known;
  }
}
