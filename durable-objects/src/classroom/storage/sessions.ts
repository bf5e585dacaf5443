import { limits, naturalId } from "@cell-monitor/protocol";
import * as v from "valibot";
import { type SessionMark, sessionMarkSchema } from "../ingest/watermarks.ts";

/** Of marks in memory, and thereby in every checkpoint and waking; in whole sessions, as `weightOf` counts. */
const maxWeight = 10_000;
/** What is left of as much, so that the search for the oldest pays. */
const leftWeight = 8_000;
/** A gap in a checkpoint is this part of a session's key and numbers. */
const rangeWeight = 1 / 8;
/** Past it all are forgotten that had been: by then the oldest are those of years. */
const maxForgotten = 1_000_000;

type Row = { key: string; mark: string };

/**
 * The marks of all sessions for as long as the class keeps data: of those heard of lately in memory, of the others on
 * disk. Of a session that is older than that only a hash is kept, so that what comes of it is not taken for new.
 */
export class Sessions {
  readonly #sql: SqlStorage;
  readonly #recent: Map<string, SessionMark>;
  #hasForgotten: boolean | undefined;

  /** @param recent the marks in memory, which the checkpoint keeps */
  constructor(sql: SqlStorage, recent: Map<string, SessionMark>) {
    this.#sql = sql;
    this.#recent = recent;
  }

  get(key: string): SessionMark | undefined {
    return this.#recent.get(key) ?? this.#stored(key);
  }

  /** Also brings one back into memory that was not heard of for long. */
  set(key: string, mark: SessionMark): void {
    this.#recent.set(key, mark);
  }

  isForgotten(key: string): boolean {
    this.#hasForgotten ??= this.#sql.exec("SELECT id FROM forgotten_sessions LIMIT 1").toArray().length > 0;
    if (!this.#hasForgotten) return false;
    return this.#sql.exec("SELECT id FROM forgotten_sessions WHERE id = ?", idOf(key)).toArray().length > 0;
  }

  /** All marks, for an account of them. */
  *entries(): Generator<[string, SessionMark]> {
    yield* this.#recent;
    // To its end at once: a read left off halfway keeps the table from being written.
    for (const { key, mark } of this.#sql.exec<Row>("SELECT key, mark FROM sessions").toArray()) {
      if (!this.#recent.has(key)) yield [key, parseMark(mark)];
    }
  }

  /**
   * Moves from memory to disk what was not heard of for a day, and the oldest where they are too many. Part of a
   * checkpoint's transaction, which keeps the rest.
   * @param isWaitedFor whether somebody is shown what a session lacks
   */
  settle(nowMs: number, isWaitedFor: (key: string, mark: SessionMark) => boolean): void {
    const settledMs = nowMs - limits.sessionSilentMs;
    let weight = 0;
    for (const [key, mark] of this.#recent) {
      // One of which all was refused has no event that would say.
      mark.seenMs ??= nowMs;
      if (mark.seenMs <= settledMs && !isWaitedFor(key, mark)) this.#store(key, mark, mark.seenMs);
      else weight += weightOf(mark);
    }
    if (weight <= maxWeight) return;
    const oldestFirst = [...this.#recent].sort(([, a], [, b]) => (a.seenMs ?? nowMs) - (b.seenMs ?? nowMs));
    for (const [key, mark] of oldestFirst) {
      if (weight <= leftWeight) break;
      this.#store(key, mark, mark.seenMs ?? nowMs);
      weight -= weightOf(mark);
    }
  }

  /** Forgets what was not heard of since `beforeMs`, but for that it existed. To be settled first. */
  forget(beforeMs: number): void {
    const rows = this.#sql
      .exec<{ key: string }>("SELECT key FROM sessions WHERE seen_ms < ?", beforeMs)
      .toArray();
    const old = rows.filter(({ key }) => !this.#recent.has(key));
    const { n } = this.#sql.exec<{ n: number }>("SELECT count(*) AS n FROM forgotten_sessions").one();
    if (n + old.length > maxForgotten) this.#sql.exec("DELETE FROM forgotten_sessions");
    for (const { key } of old) {
      this.#sql.exec("INSERT OR IGNORE INTO forgotten_sessions (id) VALUES (?)", idOf(key));
    }
    this.#sql.exec("DELETE FROM sessions WHERE seen_ms < ?", beforeMs);
    this.#hasForgotten = undefined;
  }

  #store(key: string, mark: SessionMark, seenMs: number): void {
    this.#sql.exec(
      `INSERT INTO sessions (key, seen_ms, mark) VALUES (?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET seen_ms = excluded.seen_ms, mark = excluded.mark`,
      key,
      seenMs,
      JSON.stringify(mark),
    );
    this.#recent.delete(key);
  }

  #stored(key: string): SessionMark | undefined {
    const [row] = this.#sql.exec<{ mark: string }>("SELECT mark FROM sessions WHERE key = ?", key).toArray();
    return row && parseMark(row.mark);
  }
}

function weightOf({ gaps, lost = [] }: SessionMark): number {
  return 1 + (gaps.length + lost.length) * rangeWeight;
}

/** Says nothing of whose session it was. */
function idOf(key: string): string {
  return naturalId("forgotten session", key);
}

function parseMark(text: string): SessionMark {
  return v.parse(sessionMarkSchema, JSON.parse(text));
}
