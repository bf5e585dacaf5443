import { type ClassResponse, classResponseSchema } from "@cell-monitor/protocol";
import type { Command } from "commander";
import { doing } from "../command.ts";
import { table } from "../output.ts";
import { askToGoOn } from "../ask.ts";

function shown(one: ClassResponse): string {
  const rows: [string, string][] = [
    ["id", one.id],
    ["name", one.name],
    ["code", one.class_code],
    ["state", one.is_active ? "active" : "archived"],
    ["join code", one.join_code === null ? "-" : `${one.join_code}${one.join_open ? "" : " (closed)"}`],
    ["collects", one.capture_level],
    ["keeps", `${one.retention_days} days`],
    ["notebooks", one.notebooks.join(", ") || "-"],
    ["from - to", `${one.start_date ?? "-"} - ${one.end_date ?? "-"}`],
  ];
  return rows.map(([name, value]) => `${name.padEnd(10)}  ${value}`).join("\n");
}

interface CreateOptions {
  readonly name: string;
  readonly code: string;
  readonly description?: string;
  readonly level?: string;
  readonly retentionDays?: number;
  readonly notebooks?: readonly string[];
}

const create = doing<[], CreateOptions>(async ({ api, out }, options) => {
  const body = {
    name: options.name,
    class_code: options.code,
    description: options.description,
    capture_level: options.level,
    retention_days: options.retentionDays,
    notebooks: options.notebooks,
  };
  const made = await api.call(classResponseSchema, "/classes", { body });
  out.result(made, shown(made));
});

const list = doing<[], { readonly all: boolean }>(async ({ api, out }, { all }) => {
  const classes = await api.all(classResponseSchema, "/classes", { is_active: all ? undefined : true });
  const rows = classes.map((one) => [
    one.class_code,
    one.name,
    one.is_active ? "active" : "archived",
    one.id,
  ]);
  out.result(classes, table(["CODE", "NAME", "STATE", "ID"], rows));
});

const show = doing<[string]>(async (context, _options, named) => {
  const found = await context.findClass(named);
  context.out.result(found, shown(found));
});

const archive = doing<[string], { readonly undo: boolean }>(async (context, { undo }, named) => {
  const found = await context.findClass(named);
  if (!undo) {
    const question = `Archive ${found.name}? Nobody can join it or send events to it any more.`;
    await askToGoOn(question, context.options.yes);
  }
  const body = { is_active: undo };
  const changed = await context.api.call(classResponseSchema, `/classes/${found.id}`, {
    method: "PUT",
    body,
  });
  context.out.result(changed, `${changed.name} is ${changed.is_active ? "active again" : "archived"}.`);
});

export function addClassCommands(program: Command, wholeNumber: (text: string) => number): void {
  const classes = program.command("class").description("make classes and look at them");
  classes
    .command("create")
    .description("make a class")
    .requiredOption("--name <name>", "what it is called")
    .requiredOption("--code <code>", "what it is known by: letters, digits, . _ or -")
    .option("--description <text>")
    .option("--level <level>", "what it may collect: activity, errors, outputs or code")
    .option("--retention-days <days>", "how long it keeps what it collects", wholeNumber)
    .option("--notebooks <globs...>", "paths of the notebooks that belong to it")
    .action(create);
  classes
    .command("list")
    .description("the classes there are")
    .option("--all", "archived ones, too", false)
    .action(list);
  classes.command("show").description("one class").argument("<class>", "its id or code").action(show);
  classes
    .command("archive")
    .description("end a class; what was recorded stays as long as it is kept")
    .argument("<class>", "its id or code")
    .option("--undo", "take it up again", false)
    .action(archive);
}
