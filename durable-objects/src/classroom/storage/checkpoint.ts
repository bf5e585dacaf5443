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
