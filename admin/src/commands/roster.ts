import { enrolmentResponseSchema, rosterReportSchema } from "@cell-monitor/protocol";
import type { Command } from "commander";
import { readFileSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { doing } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import { table } from "../output.ts";

/** As it is: the server knows in which encodings spreadsheets save. */
async function readRoster(file: string): Promise<Uint8Array> {
  if (file === "-") return buffer(process.stdin);
  try {
    return readFileSync(file);
  } catch {
    throw new Failure(exitCodes.usage, "usage", `${file} can't be read.`);
  }
}

const importRoster = doing<[string, string], { readonly dryRun: boolean }>(
  async (context, { dryRun }, named, file) => {
    const { api, out } = context;
    const found = await context.findClass(named);
    const report = await api.call(rosterReportSchema, `/classes/${found.id}/roster`, {
      body: await readRoster(file),
      contentType: "text/csv",
      query: { dry_run: dryRun },
    });
    const rows = report.rows.map((row) => [
      String(row.line),
      row.status,
      row.user_id ?? "-",
      row.message === undefined ? "" : `${row.field ?? ""}: ${row.message}`,
    ]);
    const { created, updated, unchanged, refused } = report;
    const sums = `${created} created, ${updated} updated, ${unchanged} unchanged, ${refused} refused`;
    const made = [
      ...report.new_teams.map((team) => `team ${team}`),
      ...report.new_sections.map((s) => `section ${s}`),
    ];
    const lines = [
      table(["LINE", "STATUS", "USER", "WHY"], rows),
      "",
      dryRun ? `Nothing was changed. It would be: ${sums}.` : `${sums}.`,
      ...(made.length > 0 ? [`New: ${made.join(", ")}.`] : []),
      ...(report.ignored_columns.length > 0
        ? [`Columns not read: ${report.ignored_columns.join(", ")}.`]
        : []),
    ];
    out.result(report, lines.join("\n"));
    if (refused > 0) process.exitCode = exitCodes.partly;
  },
);

const list = doing<[string]>(async (context, _options, named) => {
  const found = await context.findClass(named);
  const students = await context.api.all(enrolmentResponseSchema, `/classes/${found.id}/enrolments`);
  const rows = students.map((one) => [
    one.user_id ?? "-",
    one.name,
    one.section ?? "-",
    one.team ?? "-",
    one.rostered ? "rostered" : "turned up",
    one.student_id,
  ]);
  context.out.result(students, table(["USER", "NAME", "SECTION", "TEAM", "", "ID"], rows));
});

export function addRosterCommands(program: Command): void {
  const roster = program.command("roster").description("who is in a class");
  roster
    .command("import")
    .description("take a roster from CSV: columns user_id, name, email, team, section, role")
    .argument("<class>", "its id or code")
    .argument("<file>", "CSV as spreadsheets save it, or - for standard input")
    .option("--dry-run", "only say what would become of each row", false)
    .action(importRoster);
  roster
    .command("list")
    .description("the students of a class")
    .argument("<class>", "its id or code")
    .action(list);
}
