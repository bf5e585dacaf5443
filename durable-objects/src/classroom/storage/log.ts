import { eventSchema } from "@cell-monitor/protocol";
import * as v from "valibot";
import type { LoggedEvent } from "../../sinks/sink.ts";

const dayMs = 24 * 60 * 60 * 1000;

const bodySchema = v.array(
  v.object({ s: v.string(), r: v.number(), t: v.number(), e: eventSchema }),
);

type LogRow = { first: number; last: number; body: string };

/**
 * The class's log: one row a commit, one table a day, so that retention drops tables (which costs nothing) instead
 * of deleting rows (which costs as much as writing them).
 */
export class Log {
  readonly #sql: SqlStorage;
  /** Days that have a table, ascending. */
  #days: number[];

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#days = sql
      .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'log\\_%' ESCAPE '\\'")
      .toArray()
      .map(({ name }) => Number(name.slice("log_".length)))
      .sort((a, b) => a - b);
  }

  /** Writes a commit's events as one row. @returns the row's size in UTF-16 units */
  append(events: readonly LoggedEvent[], nowMs: number): number {
    const [first, last] = [events[0], events.at(-1)];
    if (!first || !last) return 0;
    const body = JSON.stringify(
      events.map(({ studentId, receivedMs, timeMs, event }) => ({ s: studentId, r: receivedMs, t: timeMs, e: event })),
    );
    const day = this.#dayTable(nowMs);
    this.#sql.exec(`INSERT INTO log_${day} (first, last, body) VALUES (?, ?, ?)`, first.version, last.version, body);
    return body.length;
  }

  /** Events after `version`, oldest first, row by row; stops once `limit` events or more have been given. */
  *after(version: number, limit = Number.POSITIVE_INFINITY): Generator<{ events: LoggedEvent[]; size: number }> {
    let given = 0;
    for (const day of this.#days) {
      const rows = this.#sql.exec<LogRow>(
        `SELECT first, last, body FROM log_${day} WHERE last > ? ORDER BY first`,
        version,
      );
      for (const row of rows) {
        const events = parseRow(row).filter((event) => event.version > version);
        yield { events, size: row.body.length };
        given += events.length;
        if (given >= limit) return;
      }
    }
  }

  /** Highest version ever written; 0 for an empty log. */
  lastVersion(): number {
    for (const day of this.#days.toReversed()) {
      const { last } = this.#sql.exec<{ last: number | null }>(`SELECT max(last) AS last FROM log_${day}`).one();
      if (last !== null) return last;
    }
    return 0;
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

  /** Drops the days that ended before `beforeMs` and hold nothing after `version`. */
  dropDays(beforeMs: number, version: number): void {
    this.#days = this.#days.filter((day) => {
      if ((day + 1) * dayMs > beforeMs) return true;
      const { last } = this.#sql.exec<{ last: number | null }>(`SELECT max(last) AS last FROM log_${day}`).one();
      if (last !== null && last > version) return true;
      this.#sql.exec(`DROP TABLE log_${day}`);
      return false;
    });
  }

  #dayTable(nowMs: number): number {
    // A clock that steps back must not write behind a later day: rows are read day by day.
    const day = Math.max(Math.floor(nowMs / dayMs), this.#days.at(-1) ?? 0);
    if (this.#days.at(-1) !== day) {
      this.#sql.exec(`CREATE TABLE log_${day} (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, body TEXT NOT NULL)`);
      this.#days.push(day);
    }
    return day;
  }
}

function parseRow(row: LogRow): LoggedEvent[] {
  return v.parse(bodySchema, JSON.parse(row.body)).map(({ s, r, t, e }, index) => ({
    version: row.first + index,
    studentId: s,
    receivedMs: r,
    timeMs: t,
    event: e,
  }));
}
