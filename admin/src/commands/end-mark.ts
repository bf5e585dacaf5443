import * as v from "valibot";

export type ExportFormat = "csv" | "jsonl" | "xapi";

const endSchema = v.object({ end: v.literal(true), rows: v.number() });

/**
 * Whether an export came to its end, by the last of its text: what was cut off on the way lacks it.
 * @returns the rows that it says it has, null where the format does not say; undefined where it is incomplete
 */
export function rowsAtEnd(format: ExportFormat, tail: string): number | null | undefined {
  if (format === "xapi") return tail.endsWith("\n]\n") ? null : undefined;
  if (!tail.endsWith("\n")) return undefined;
  const last = tail.trimEnd().split("\n").at(-1) ?? "";
  if (format === "csv") {
    const rows = /^#end,(\d+),*\r?$/.exec(last)?.[1];
    return rows === undefined ? undefined : Number(rows);
  }
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), endSchema), last);
  return parsed.success ? parsed.output.rows : undefined;
}
