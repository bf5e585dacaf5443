export type MigrationErrorCode =
  | "no_migrations"
  | "bad_name"
  | "gap"
  | "changed"
  | "newer_database"
  | "failed";

/** A migration can't be read or applied; the database is as the last good one left it. */
export class MigrationError extends Error {
  override name = "MigrationError";
  readonly code: MigrationErrorCode;

  constructor(code: MigrationErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
