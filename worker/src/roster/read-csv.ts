import { accept, refuse, type Result } from "@cell-monitor/protocol";
import { CsvError, parse } from "csv-parse/browser/esm/sync";
import * as v from "valibot";
import { fieldOf, roleOf, type RosterField } from "./columns.ts";

/** A line of a roster as it came; what is empty is left out. */
export interface RawRow {
  readonly line: number;
  readonly values: unknown;
}

export interface RawRoster {
  readonly rows: readonly RawRow[];
  readonly ignoredColumns: readonly string[];
}

const recordsSchema = v.array(
  v.object({ record: v.array(v.string()), info: v.object({ lines: v.number() }) }),
);

/** Reads a roster as spreadsheets save it. The first line says what the columns are. */
export function readCsv(bytes: ArrayBuffer): Result<RawRoster> {
  const text = decode(bytes);
  if (text === undefined) {
    return refuse(
      "invalid_encoding",
      "The roster is neither UTF-8 nor UTF-16 nor Shift_JIS; save it as UTF-8.",
    );
  }
  const records = parseRecords(text);
  if (!records.ok) return records;
  const [first, ...rest] = records.value;
  if (!first) return refuse("invalid_body", "The roster is empty.");
  const columns = columnsOf(first.record);
  if (!columns.has("user_id")) {
    return refuse(
      "invalid_body",
      "The roster's first line must name its columns, and one of them must be user_id (or 学籍番号), or email.",
      { details: [{ field: "user_id", message: "no column is called so", line: first.line }] },
    );
  }
  const used = new Set(columns.values());
  return accept({
    rows: rest.map(({ line, record }) => ({ line, values: valuesOf(record, columns) })),
    ignoredColumns: first.record.filter((name, index) => name !== "" && !used.has(index)),
  });
}

function decode(bytes: ArrayBuffer): string | undefined {
  const [first, second] = new Uint8Array(bytes, 0, Math.min(2, bytes.byteLength));
  if (first === 0xff && second === 0xfe) return decodeAs("utf-16le", bytes);
  if (first === 0xfe && second === 0xff) return decodeAs("utf-16be", bytes);
  // What Excel saves as CSV on a Japanese Windows; hardly any text of it is UTF-8 by chance.
  return decodeAs("utf-8", bytes) ?? decodeAs("shift_jis", bytes);
}

function decodeAs(encoding: string, bytes: ArrayBuffer): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    return undefined;
  }
}

interface TextRecord {
  /** Where it begins. */
  readonly line: number;
  readonly record: readonly string[];
}

function parseRecords(text: string): Result<readonly TextRecord[]> {
  try {
    const parsed: unknown = parse(text, {
      delimiter: delimiterOf(text),
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
      max_record_size: 16 * 1024,
    });
    const records = v.parse(recordsSchema, parsed).map(({ record, info }) => ({
      record,
      line: info.lines - lineEndsIn(record),
    }));
    return accept(records.filter(({ record }) => record.some((value) => value !== "")));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = v.parse(v.fallback(v.number(), 0), error["lines"]);
    return refuse("invalid_body", `The roster is not CSV: line ${line}: ${error.message}`, {
      details: [{ field: "", line, message: error.message }],
    });
  }
}

function lineEndsIn(record: readonly string[]): number {
  return record.reduce((count, value) => count + value.split(/\r\n|\r|\n/).length - 1, 0);
}

/** What the first line has most of: spreadsheets write semicolons and tabs as well. */
function delimiterOf(text: string): string {
  const [heading = ""] = text.split(/\r\n|\r|\n/, 1);
  const counts = [",", ";", "\t"].map((sign) => ({ sign, count: heading.split(sign).length }));
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).sign;
}

/** Where the fields stand; of columns that mean the same, the first. */
function columnsOf(names: readonly string[]): Map<RosterField, number> {
  const columns = new Map<RosterField, number>();
  for (const [index, name] of names.entries()) {
    const field = fieldOf(name);
    if (field !== undefined && !columns.has(field)) columns.set(field, index);
  }
  // Hubs that log in by address know their users by it.
  const email = columns.get("email");
  if (email !== undefined && !columns.has("user_id")) columns.set("user_id", email);
  return columns;
}

function valuesOf(record: readonly string[], columns: ReadonlyMap<RosterField, number>): unknown {
  const values = Array.from(columns, ([field, index]) => [field, record[index] ?? ""] as const);
  const given = values.filter(([, value]) => value !== "");
  return Object.fromEntries(given.map(([field, value]) => [field, field === "role" ? roleOf(value) : value]));
}
