import { eventSchema, type SinkName, sinkNames } from "@cell-monitor/protocol";
import * as v from "valibot";
import type { LoggedEvent } from "../../sinks/sink.ts";

const reasonLength = 2000;
/** Letters of one store. A store that refuses more than these is a fault to be mended, not a matter of single events. */
export const maxLetters = 10_000;
/** In UTF-16 units: what one list holds of events, which may be large, is bounded; a further page has the rest. */
const listSize = 4 * 1024 * 1024;

const bodySchema = v.object({
  version: v.number(),
  studentId: v.string(),
  receivedMs: v.number(),
  timeMs: v.number(),
  event: eventSchema,
});

type Row = { id: number; sink: string; reason: string; at_ms: number; body: string };

export interface DeadLetter extends LoggedEvent {
  readonly id: number;
  readonly sink: SinkName;
  readonly reason: string;
  /** When the store refused it last, Unix ms. */
  readonly atMs: number;
}

export interface LetterRef {
  readonly id: number;
  readonly sink: SinkName;
}

export interface LetterChoice {
  /** All sinks, if absent. */
  readonly sink?: SinkName | undefined;
  /** Any letters, if absent. */
  readonly ids?: readonly number[] | undefined;
}

/** Events a store will never take as they are, with its reason. */
export class DeadLetters {
  readonly #sql: SqlStorage;
  /** Asked for at every frame, and so not of the table. */
  readonly #counts = new Map<SinkName, number>();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Throws when there are as many as are kept: the store is to be asked again, until somebody has seen to it. */
  add(sink: SinkName, event: LoggedEvent, reason: string, nowMs: number): void {
    if (this.count(sink) >= maxLetters) {
      throw new Error(`There are ${maxLetters} dead letters of this store: no more are made. ${reason}`);
    }
    this.#sql.exec(
      `INSERT OR IGNORE INTO dead_letters (sink, version, reason, at_ms, received_ms, body)
       VALUES (?, ?, ?, ?, ?, ?)`,
      sink,
      event.version,
      reason.slice(0, reasonLength),
      nowMs,
      event.receivedMs,
      JSON.stringify(event),
    );
    this.#counts.delete(sink);
  }

  count(sink: SinkName): number {
    let count = this.#counts.get(sink);
    if (count === undefined) {
      const query = "SELECT count(*) AS n FROM dead_letters WHERE sink = ?";
      count = this.#sql.exec<{ n: number }>(query, sink).one().n;
      this.#counts.set(sink, count);
    }
    return count;
  }

  /** Letters were removed by others. */
  recount(): void {
    this.#counts.clear();
  }

  /** In the order they came; fewer than `limit` where they are large. */
  list(sink: SinkName | undefined, skip: number, limit: number): DeadLetter[] {
    const letters: DeadLetter[] = [];
    let size = 0;
    const rows = this.#sql.exec<Row>(
      `SELECT id, sink, reason, at_ms, body FROM dead_letters
       WHERE sink IN (SELECT value FROM json_each(?)) ORDER BY id LIMIT ? OFFSET ?`,
      JSON.stringify(sinksOf(sink)),
      limit,
      skip,
    );
    for (const { id, sink: name, reason, at_ms: atMs, body } of rows) {
      size += body.length;
      if (letters.length > 0 && size > listSize) break;
      letters.push({ id, sink: v.parse(v.picklist(sinkNames), name), reason, atMs, ...parseBody(body) });
    }
    return letters;
  }

  /** Letters to offer again. Those refused longest ago come first, so that asking again and again gets to all. */
  pick({ sink, ids }: LetterChoice, limit: number): LetterRef[] {
    const rows = this.#sql.exec<{ id: number; sink: string }>(
      `SELECT id, sink FROM dead_letters
       WHERE sink IN (SELECT value FROM json_each(?1)) AND (?2 IS NULL OR id IN (SELECT value FROM json_each(?2)))
       ORDER BY at_ms, id LIMIT ?3`,
      JSON.stringify(sinksOf(sink)),
      ids === undefined ? null : JSON.stringify(ids),
      limit,
    );
    return Array.from(rows, (row) => ({ id: row.id, sink: v.parse(v.picklist(sinkNames), row.sink) }));
  }

  /** The event of a letter, unless the letter is gone. */
  read(id: number): LoggedEvent | undefined {
    const [row] = this.#sql
      .exec<{ body: string }>("SELECT body FROM dead_letters WHERE id = ?", id)
      .toArray();
    return row && parseBody(row.body);
  }

  /** The store refused it once more. */
  refused(id: number, reason: string, nowMs: number): void {
    this.#sql.exec(
      "UPDATE dead_letters SET reason = ?, at_ms = ? WHERE id = ?",
      reason.slice(0, reasonLength),
      nowMs,
      id,
    );
  }

  remove(id: number): void {
    this.#sql.exec("DELETE FROM dead_letters WHERE id = ?", id);
    this.#counts.clear();
  }

  /** Removes those of events that arrived before a time: they are kept no longer than any other record of them. */
  expire(beforeMs: number): void {
    this.#sql.exec("DELETE FROM dead_letters WHERE received_ms < ?", beforeMs);
    this.#counts.clear();
  }
}

function sinksOf(sink: SinkName | undefined): readonly SinkName[] {
  return sink === undefined ? sinkNames : [sink];
}

function parseBody(body: string): LoggedEvent {
  return v.parse(bodySchema, JSON.parse(body));
}
