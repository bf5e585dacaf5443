import type { ClassStorage } from "../platform.ts";
import type { ReadableState, StoredState } from "../state/class-state.ts";
import { splitText } from "./parts.ts";
import { takeWholeCheckpoint } from "./whole-checkpoint.ts";

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

const classSection = "class";
const groupSection = (group: number) => `students-${numbered(group)}`;

/** Writes the state as of a version, replacing the one before. */
export function writeCheckpoint(sql: SqlStorage, { text, groups }: StoredState): void {
  writeSection(sql, classSection, text);
  for (const [group, lines] of groups) writeSection(sql, groupSection(group), lines);
}

/** The class as it was written last, and how to read groups of its students. */
export function readCheckpoint(
  storage: Pick<ClassStorage, "sql" | "transactionSync">,
): ReadableState | undefined {
  const { sql } = storage;
  let text = readSection(sql, classSection);
  if (text === "") {
    text = storage.transactionSync(() => {
      const whole = takeWholeCheckpoint(sql);
      if (whole) writeCheckpoint(sql, whole);
      return whole?.text ?? "";
    });
  }
  return text === "" ? undefined : { text, readGroup: (group) => readSection(sql, groupSection(group)) };
}

function writeSection(sql: SqlStorage, section: string, text: string): void {
  const parts = splitText(text);
  for (const [part, body] of parts.entries()) {
    // An update in place counts as one row written, where a deletion and an insertion count as two.
    const upsert =
      "INSERT INTO checkpoint (part, body) VALUES (?, ?) ON CONFLICT (part) DO UPDATE SET body = excluded.body";
    sql.exec(upsert, `${section}/${numbered(part)}`, body);
  }
  const [after, end] = [`${section}/${numbered(parts.length)}`, `${section}/:`];
  sql.exec("DELETE FROM checkpoint WHERE part >= ? AND part < ?", after, end);
}

function readSection(sql: SqlStorage, section: string): string {
  const query = "SELECT body FROM checkpoint WHERE part >= ? AND part < ? ORDER BY part";
  const parts = sql.exec<{ body: string }>(query, `${section}/`, `${section}/:`).toArray();
  return parts.map(({ body }) => body).join("");
}

function numbered(number: number): string {
  return String(number).padStart(6, "0");
}
