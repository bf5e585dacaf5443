import { migrate } from "@cell-monitor/migrations";
import type { Command } from "commander";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { doing } from "../command.ts";
import { withDatabase } from "../database.ts";

const folder = resolve(fileURLToPath(import.meta.url), "../../../../migrations");

interface MigrateOptions {
  readonly databaseUrl?: string;
  readonly dryRun: boolean;
}

const run = doing<[], MigrateOptions>(async ({ out, environment }, { databaseUrl, dryRun }) => {
  const result = await withDatabase(databaseUrl ?? environment["DATABASE_URL"], (client) =>
    migrate(client, folder, {
      dryRun,
      onApplied: ({ version, name }) => out.note(`applied ${String(version).padStart(4, "0")}_${name}`),
    }),
  );
  const verb = dryRun ? "To be applied" : "Applied";
  const names = result.applied.join(", ") || "nothing";
  out.result({ ...result, dryRun }, `${verb}: ${names}. The database is at version ${result.version}.`);
});

export function addMigrateCommand(program: Command): void {
  program
    .command("migrate")
    .description("bring a PostgreSQL database to the last migration")
    .option("--database-url <url>", "the database; otherwise DATABASE_URL of the environment")
    .option("--dry-run", "only say what would be applied", false)
    .action(run);
}
