import { exportTables } from "@cell-monitor/protocol";
import { type Command, Option } from "commander";
import { createWriteStream, renameSync } from "node:fs";
import { once } from "node:events";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { doing } from "../command.ts";
import type { Context } from "../context.ts";
import { exitCodes } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import { type ExportFormat, rowsAtEnd } from "./end-mark.ts";

interface ExportOptions {
  readonly format: ExportFormat;
  readonly table: string;
  readonly from?: string;
  readonly to?: string;
  readonly output?: string;
}

const silentForMs = 60_000;
/** Characters in which every format's end fits. */
const tailLength = 1_024;

const exportClass = doing<[string], ExportOptions>(async (context, options, named) => {
  const { out } = context;
  const { format, table, from, to, output: file } = options;
  if (file === undefined && out.isJson) {
    throw new Failure(exitCodes.usage, "usage", "With --json the export itself needs --output <file>.");
  }
  const { id } = await context.findClass(named);
  // What stands under the name that was asked for is whole.
  const partial = file === undefined ? undefined : `${file}.partial`;
  const sink = partial === undefined ? out.stdout : await opened(partial);
  const { bytes, rows } = await copy(context, `/classes/${id}/export`, { format, table, from, to }, sink);
  if (file === undefined || partial === undefined) return;
  sink.end();
  await finished(sink);
  renameSync(partial, file);
  const counted = rows === null ? "" : `, ${rows} rows`;
  out.result({ file, format, table, bytes, rows }, `${file}: ${bytes} bytes${counted}, complete.`);
});

async function opened(file: string): Promise<Writable> {
  const sink = createWriteStream(file, { mode: 0o600 });
  await once(sink, "open").catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Failure(exitCodes.usage, "usage", `${file} can't be written: ${reason}`);
  });
  return sink;
}

/** Hands on what comes as it comes, as fast as it is taken. @throws Failure where the end is missing */
async function copy(
  { api, out }: Context,
  path: string,
  query: Readonly<Record<string, string | undefined>> & { readonly format: ExportFormat },
  sink: Writable,
): Promise<{ bytes: number; rows: number | null }> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), silentForMs);
  const decoder = new TextDecoder();
  let [bytes, tail] = [0, ""];
  try {
    const { body } = await api.send(path, { query }, silence.signal);
    for await (const chunk of body ?? []) {
      timer.refresh();
      bytes += chunk.byteLength;
      tail = (tail + decoder.decode(chunk, { stream: true })).slice(-tailLength);
      if (!sink.write(chunk)) await once(sink, "drain");
      out.progress(`${(bytes / 2 ** 20).toFixed(1)} MiB`);
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw incomplete(bytes);
  } finally {
    clearTimeout(timer);
    out.progressEnd();
  }
  const rows = rowsAtEnd(query.format, tail);
  if (rows === undefined) throw incomplete(bytes);
  return { bytes, rows };
}

function incomplete(bytes: number): Failure {
  const message = `The export broke off after ${bytes} bytes: what was written is not all. Ask for it again.`;
  return new Failure(exitCodes.unavailable, "incomplete", message);
}

export function addExportCommand(program: Command): void {
  program
    .command("export")
    .description("export what a class's students did, and see that all of it came")
    .argument("<class>", "the class's id or code")
    .addOption(
      new Option("--format <format>", "of the export").choices(["csv", "jsonl", "xapi"]).default("csv"),
    )
    .addOption(
      new Option("--table <table>", "what is exported").choices(exportTables).default("cell_executions"),
    )
    .option("--from <time>", "from this moment on, in ISO 8601")
    .option("--to <time>", "before this moment")
    .option("-o, --output <file>", "where it is put; otherwise standard output")
    .action(exportClass);
}
