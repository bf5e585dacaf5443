import type { LoggedEvent, SinkName } from "../../sinks/sink.ts";

/** Events a store will never take as they are, with its reason. */
export class DeadLetters {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  add(sink: SinkName, event: LoggedEvent, reason: string, nowMs: number): void {
    this.#sql.exec(
      "INSERT OR IGNORE INTO dead_letters (sink, version, reason, at_ms, body) VALUES (?, ?, ?, ?, ?)",
      sink,
      event.version,
      reason.slice(0, 2000),
      nowMs,
      JSON.stringify(event),
    );
  }

  count(sink: SinkName): number {
    return this.#sql.exec<{ n: number }>("SELECT count(*) AS n FROM dead_letters WHERE sink = ?", sink).one()
      .n;
  }
}
