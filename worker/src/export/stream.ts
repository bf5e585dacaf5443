import type { Cursor, ExportPage, ExportRow } from "../queries/export.ts";
import { csvRecord } from "./csv.ts";
import { xapiStatement } from "./xapi.ts";

/** How an export is written. What is cut off lacks its end, and is known by that. */
export interface ExportFormat {
  readonly contentType: string;
  begin(): string;
  row(row: ExportRow, index: number): string;
  end(rows: number): string;
}

export function csvFormat(names: readonly string[]): ExportFormat {
  return {
    contentType: "text/csv; charset=utf-8; header=present",
    begin: () => csvRecord(names),
    row: (row) => csvRecord(names.map((name) => row[name])),
    // As many fields as any other record.
    end: (rows) => csvRecord(names.map((_, index) => ["#end", rows][index])),
  };
}

export const jsonlFormat: ExportFormat = {
  contentType: "application/x-ndjson",
  begin: () => "",
  row: (row) => `${JSON.stringify(row)}\n`,
  end: (rows) => `${JSON.stringify({ end: true, rows })}\n`,
};

export function xapiFormat(classIri: string): ExportFormat {
  return {
    contentType: "application/json",
    begin: () => "[",
    row: (row, index) => `${index === 0 ? "\n" : ",\n"}${JSON.stringify(xapiStatement(row, classIri))}`,
    end: () => "\n]\n",
  };
}

/** Writes page after page, each read once the one before has been taken. What fails breaks the stream off. */
export function exportStream(
  first: ExportPage,
  format: ExportFormat,
  read: (after: Cursor) => Promise<ExportPage>,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let page: ExportPage = first;
  let begun = false;
  let rows = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (begun && page.next) page = await read(page.next);
        let text = begun ? "" : format.begin();
        begun = true;
        for (const row of page.rows) {
          text += format.row(row, rows);
          rows += 1;
        }
        if (!page.next) text += format.end(rows);
        controller.enqueue(encoder.encode(text));
        if (!page.next) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}
