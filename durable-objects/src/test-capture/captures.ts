import {
  accept,
  byteLength,
  eventSchema,
  limits,
  type Page,
  refuse,
  type Result,
  type StampedEvent,
  type TestCaptured,
  type TestSummary,
} from "@cell-monitor/protocol";
import * as v from "valibot";

/** The part of a Durable Object's storage that captures need. */
type CaptureStorage = Pick<DurableObjectStorage, "sql" | "transactionSync">;

export interface CapturesDeps {
  readonly storage: CaptureStorage;
  /** Unix ms. */
  now(): number;
}

/** What came of events that were handed in. */
export interface Captured {
  readonly accepted: number;
  /** Of the same student and id as one that the test already has. */
  readonly duplicates: number;
}

export interface TestPage {
  readonly tests: readonly TestSummary[];
  readonly total: number;
}

const totalsSchema = v.object({ tests: v.number(), events: v.number(), bytes: v.number() });
const bodySchema = v.pipe(v.string(), v.parseJson(), eventSchema);

/**
 * What tests sent to one class: each test's events, for ten minutes after its last one. Bounded in tests, events and
 * bytes; what would pass a bound is not taken, and nothing that is there makes room for it.
 */
export class Captures {
  readonly #deps: CapturesDeps;

  constructor(deps: CapturesDeps) {
    this.#deps = deps;
    deps.storage.sql.exec(
      `CREATE TABLE IF NOT EXISTS captured (
        number INTEGER PRIMARY KEY,
        test TEXT NOT NULL,
        student TEXT NOT NULL,
        event TEXT NOT NULL,
        time_ms INTEGER NOT NULL,
        received_ms INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        body TEXT NOT NULL,
        UNIQUE (test, student, event)
      )`,
    );
  }

  /** Takes all events, each for the test that it names, or none. */
  add(events: readonly StampedEvent[]): Result<Captured> {
    this.expire();
    const { storage } = this.#deps;
    let accepted = 0;
    try {
      storage.transactionSync(() => {
        for (const event of events) accepted += this.#insert(event);
        if (!this.#isWithinBounds()) throw new TooMuchError();
      });
    } catch (error) {
      if (!(error instanceof TooMuchError)) throw error;
      return refuse("backlog_full", "The class's test capture is full; delete tests that are over.", {
        retryAfterMs: Math.max(1_000, (this.nextExpiryMs() ?? 0) - this.#deps.now()),
      });
    }
    return accept({ accepted, duplicates: events.length - accepted });
  }

  /** @param studentId whose events alone are to be seen; everybody's, if absent */
  list({ skip, limit }: Page, studentId?: string): TestPage {
    this.expire();
    const rows = this.#deps.storage.sql
      .exec<{ test: string; count: number; last: number }>(
        `SELECT test, count(*) AS count, max(received_ms) AS last FROM captured
        WHERE ?1 IS NULL OR student = ?1 GROUP BY test ORDER BY min(number)`,
        studentId ?? null,
      )
      .toArray();
    const tests = rows.slice(skip, skip + limit).map(({ test, count, last }) => summaryOf(test, count, last));
    return { tests, total: rows.length };
  }

  /** A test's events; undefined where there are none. */
  read(testId: string, studentId?: string): TestCaptured | undefined {
    this.expire();
    const rows = this.#deps.storage.sql
      .exec<{ student: string; time: number; received: number; body: string }>(
        `SELECT student, time_ms AS time, received_ms AS received, body FROM captured
        WHERE test = ?1 AND (?2 IS NULL OR student = ?2) ORDER BY number`,
        testId,
        studentId ?? null,
      )
      .toArray();
    const last = rows.at(-1);
    if (!last) return undefined;
    const events = rows.map(({ student, time, received, body }) => ({
      student_id: student,
      event_time: new Date(time).toISOString(),
      received_at: new Date(received).toISOString(),
      event: v.parse(bodySchema, body),
    }));
    return { ...summaryOf(testId, rows.length, last.received), events };
  }

  /** Forgets a test's events and answers them; undefined where there are none. */
  remove(testId: string, studentId?: string): TestCaptured | undefined {
    const removed = this.read(testId, studentId);
    this.#deps.storage.sql.exec(
      "DELETE FROM captured WHERE test = ?1 AND (?2 IS NULL OR student = ?2)",
      testId,
      studentId ?? null,
    );
    return removed;
  }

  /** Forgets all that a student sent, to whichever test. Answers how many events that were. */
  forget(studentId: string): number {
    const { sql } = this.#deps.storage;
    return sql.exec("DELETE FROM captured WHERE student = ? RETURNING number", studentId).toArray().length;
  }

  /** Forgets the tests whose time is over. */
  expire(): void {
    this.#deps.storage.sql.exec(
      "DELETE FROM captured WHERE test IN (SELECT test FROM captured GROUP BY test HAVING max(received_ms) <= ?)",
      this.#deps.now() - limits.captureMs,
    );
  }

  /** When the next test's time is over; undefined where there is none. Unix ms. */
  nextExpiryMs(): number | undefined {
    const { last } = this.#deps.storage.sql
      .exec<{ last: number | null }>(
        "SELECT min(last) AS last FROM (SELECT max(received_ms) AS last FROM captured GROUP BY test)",
      )
      .one();
    return last === null ? undefined : last + limits.captureMs;
  }

  /** How many events were new: one or none. */
  #insert({ event, studentId, timeMs }: StampedEvent): number {
    const body = JSON.stringify(event);
    return this.#deps.storage.sql
      .exec(
        `INSERT INTO captured (test, student, event, time_ms, received_ms, bytes, body)
        VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING number`,
        event.testId ?? "",
        studentId,
        event.eventId,
        timeMs,
        this.#deps.now(),
        byteLength(body),
        body,
      )
      .toArray().length;
  }

  #isWithinBounds(): boolean {
    const row = this.#deps.storage.sql
      .exec(
        "SELECT count(DISTINCT test) AS tests, count(*) AS events, coalesce(sum(bytes), 0) AS bytes FROM captured",
      )
      .one();
    const { tests, events, bytes } = v.parse(totalsSchema, row);
    return tests <= limits.captureTests && events <= limits.captureEvents && bytes <= limits.captureBytes;
  }
}

class TooMuchError extends Error {}

function summaryOf(testId: string, count: number, lastMs: number): TestSummary {
  return { test_id: testId, count, expires_at: new Date(lastMs + limits.captureMs).toISOString() };
}
