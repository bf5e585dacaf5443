import { type ClassEvent, isJsonObject } from "@cell-monitor/protocol";
import * as v from "valibot";
import type { LoggedEvent } from "../../sinks/sink.ts";
import { nobody } from "../privacy/erased-log.ts";
import { groupTexts } from "./parts.ts";
import { RecentRows } from "./recent-rows.ts";

const dayMs = 24 * 60 * 60 * 1000;
/** Rows are read a few at a time and those to their end: a read left off halfway keeps its table from being dropped. */
const rowsAtOnce = 8;
/** Batches are stamped by whoever took them in, and their clocks differ. */
const clockSlackMs = 10 * 60 * 1000;

const eventsSchema = v.array(
  v.object({
    s: v.string(),
    r: v.number(),
    t: v.number(),
    // Written by this class once it had been admitted: looking at every field again would double a drain's cost.
    e: v.custom<ClassEvent>(isJsonObject),
  }),
);
const bodySchema = v.object({ events: eventsSchema });

const nothing: ClassEvent = { eventId: "erased", eventType: "erased", eventTime: "1970-01-01T00:00:00Z" };

type LogRow = { first: number; body: string };

export interface LogEntry {
  readonly events: readonly LoggedEvent[];
  /** Of the row, in UTF-16 units. */
  readonly size: number;
}

/**
 * The class's log: one row a commit, one table a day, so that retention drops tables (which costs nothing) instead
 * of deleting rows (which costs as much as writing them).
 */
export class Log {
  readonly #sql: SqlStorage;
  readonly #recent = new RecentRows();
  /** Days that have a table, ascending. */
  #days: number[];

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#days = sql
      .exec<{ name: string }>(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'log\\_%' ESCAPE '\\'",
      )
      .toArray()
      .map(({ name }) => Number(name.slice("log_".length)))
      .sort((a, b) => a - b);
  }

  /**
   * Writes a commit's events as one row, or as few as the platform's bound for a value allows.
   * @returns what was written, in UTF-16 units
   */
  append(events: readonly LoggedEvent[], nowMs: number): number {
    const [oldest] = events;
    if (!oldest) return 0;
    let first = oldest.version;
    const day = this.#dayTable(nowMs);
    const texts = events.map(({ studentId, receivedMs, timeMs, event }) =>
      JSON.stringify({ s: studentId, r: receivedMs, t: timeMs, e: event }),
    );
    let size = 0;
    for (const group of groupTexts(texts)) {
      const body = `{"events":[${group.join(",")}]}`;
      const last = first + group.length - 1;
      this.#sql.exec(`INSERT INTO log_${day} (first, last, body) VALUES (?, ?, ?)`, first, last, body);
      const row = events.slice(first - oldest.version, last - oldest.version + 1);
      this.#recent.add({ first, events: row, size: body.length });
      size += body.length;
      first = last + 1;
    }
    return size;
  }

  /**
   * What was logged after `version`, oldest first, row by row; stops once `maxEvents` or more have been given, or
   * `maxSize` UTF-16 units.
   */
  *after(
    version: number,
    maxEvents = Number.POSITIVE_INFINITY,
    maxSize = Number.POSITIVE_INFINITY,
  ): Generator<LogEntry> {
    let [given, size] = [0, 0];
    for (const entry of this.#recent.after(version) ?? this.#stored(version)) {
      const events = entry.events.filter((event) => event.version > version);
      if (events.length === 0) continue;
      yield { ...entry, events };
      given += events.length;
      size += entry.size;
      if (given >= maxEvents || size >= maxSize) return;
    }
  }

  *#stored(version: number): Generator<LogEntry> {
    const start = this.#rowOf(version + 1);
    for (const day of this.#days) {
      if (start && day < start.day) continue;
      let from = start?.day === day ? start.first : 0;
      for (;;) {
        const rows = this.#sql
          .exec<LogRow>(
            `SELECT first, body FROM log_${day} WHERE first >= ? ORDER BY first LIMIT ${rowsAtOnce}`,
            from,
          )
          .toArray();
        for (const row of rows) yield parseRow(row);
        const last = rows.at(-1);
        if (!last || rows.length < rowsAtOnce) break;
        from = last.first + 1;
      }
    }
  }

  eventAt(version: number): ClassEvent | undefined {
    for (const { events } of this.after(version - 1, 1))
      return events.find((event) => event.version === version)?.event;
    return undefined;
  }

  /**
   * What was logged of what has happened since a time, the newest first, and some that is older. Reads only as far
   * back as it must: nothing arrives before it has happened.
   */
  *since(sinceMs: number): Generator<LoggedEvent> {
    for (const day of this.#days.toReversed()) {
      let before = Number.MAX_SAFE_INTEGER;
      for (;;) {
        const rows = this.#sql
          .exec<LogRow>(
            `SELECT first, body FROM log_${day} WHERE first < ? ORDER BY first DESC LIMIT ${rowsAtOnce}`,
            before,
          )
          .toArray();
        for (const row of rows) {
          const { events } = parseRow(row);
          yield* events.filter(({ studentId }) => studentId !== nobody);
          if (events.every(({ receivedMs }) => receivedMs < sinceMs - clockSlackMs)) return;
        }
        const last = rows.at(-1);
        if (!last || rows.length < rowsAtOnce) break;
        before = last.first;
      }
    }
  }

  /** Arrival of the oldest event after `version`, Unix ms. */
  oldestAfter(version: number): number | undefined {
    for (const { events } of this.after(version, 1)) {
      if (events[0]) return events[0].receivedMs;
    }
    return undefined;
  }

  /** When the oldest day that the log still has ended, Unix ms. */
  oldestDayEndMs(): number | undefined {
    const [day] = this.#days;
    return day === undefined ? undefined : (day + 1) * dayMs;
  }

  /** Days that ended before `beforeMs` and hold nothing after `version`. */
  finishedDays(beforeMs: number, version: number): number[] {
    return this.#days.filter((day) => {
      if ((day + 1) * dayMs > beforeMs) return false;
      const query = `SELECT last FROM log_${day} ORDER BY first DESC LIMIT 1`;
      return this.#sql
        .exec<{ last: number }>(query)
        .toArray()
        .every(({ last }) => last <= version);
    });
  }

  /** Deletes rows of the oldest day that hold nothing after `version`. Dearer than to drop days, and possible today. */
  deleteRows(version: number, maxRows: number): void {
    const [day] = this.#days;
    if (day === undefined) return;
    this.#sql.exec(
      `DELETE FROM log_${day} WHERE first IN (SELECT first FROM log_${day} WHERE last <= ? ORDER BY first LIMIT ?)`,
      version,
      maxRows,
    );
  }

  /** Empties every event of a student; its place in the log stays. @returns how many there were */
  erase(studentId: string): number {
    let erased = 0;
    for (const day of this.#days) {
      let from = 0;
      for (;;) {
        const rows = this.#sql
          .exec<LogRow>(
            `SELECT first, body FROM log_${day} WHERE first >= ? AND instr(body, ?) > 0
             ORDER BY first LIMIT ${rowsAtOnce}`,
            from,
            `"s":${JSON.stringify(studentId)}`,
          )
          .toArray();
        for (const row of rows) erased += this.#eraseOf(day, row, studentId);
        const last = rows.at(-1);
        if (!last || rows.length < rowsAtOnce) break;
        from = last.first + 1;
      }
    }
    this.#recent.clear();
    return erased;
  }

  #eraseOf(day: number, { first, body }: LogRow, studentId: string): number {
    const { events } = v.parse(bodySchema, JSON.parse(body));
    const left = events.map((event) => (event.s === studentId ? { ...event, s: nobody, e: nothing } : event));
    const text = JSON.stringify({ events: left });
    this.#sql.exec(`UPDATE log_${day} SET body = ? WHERE first = ?`, text, first);
    return events.filter(({ s }) => s === studentId).length;
  }

  drop(days: readonly number[]): void {
    for (const day of days) this.#sql.exec(`DROP TABLE log_${day}`);
    this.#days = this.#days.filter((day) => !days.includes(day));
  }

  /** The row that holds a version, or would: looked up by key from the newest day on, however long the log is. */
  #rowOf(version: number): { day: number; first: number } | undefined {
    for (const day of this.#days.toReversed()) {
      const query = `SELECT max(first) AS first FROM log_${day} WHERE first <= ?`;
      const { first } = this.#sql.exec<{ first: number | null }>(query, version).one();
      if (first !== null) return { day, first };
    }
    return undefined;
  }

  #dayTable(nowMs: number): number {
    // A clock that steps back must not write behind a later day: rows are read day by day.
    const day = Math.max(Math.floor(nowMs / dayMs), this.#days.at(-1) ?? 0);
    if (this.#days.at(-1) !== day) {
      this.#sql.exec(
        `CREATE TABLE log_${day} (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, body TEXT NOT NULL)`,
      );
      this.#days.push(day);
    }
    return day;
  }
}

function parseRow({ first, body }: LogRow): LogEntry {
  const { events } = v.parse(bodySchema, JSON.parse(body));
  return {
    events: events.map(({ s, r, t, e }, index) => ({
      version: first + index,
      studentId: s,
      receivedMs: r,
      timeMs: t,
      event: e,
    })),
    size: body.length,
  };
}
