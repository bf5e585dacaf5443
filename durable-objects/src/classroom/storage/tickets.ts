/** Tickets that have opened a connection, until they would have expired anyway. */
export class SpentTickets {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** @returns whether the ticket had not been spent before */
  spend(id: string, expiresMs: number, nowMs: number): boolean {
    this.#sql.exec("DELETE FROM spent_tickets WHERE expires_ms < ?", nowMs);
    return (
      this.#sql.exec("INSERT OR IGNORE INTO spent_tickets (id, expires_ms) VALUES (?, ?)", id, expiresMs)
        .rowsWritten > 0
    );
  }
}
