export { migrate, type MigrateOptions, type MigrateResult, type MigrationSession } from "./migrate.ts";
export { MigrationError, type MigrationErrorCode } from "./migration-error.ts";
export { type Migration, readMigrations } from "./read-migrations.ts";
