import { naturalId } from "@cell-monitor/protocol";
import type { ExportRow } from "../queries/export.ts";
import type { ExportColumn } from "./tables.ts";

/** A row as researchers get it: with nothing by which who it was could be found out. */
export async function withoutTelling(
  row: ExportRow,
  columns: readonly ExportColumn[],
  pseudonymOf: (id: string) => Promise<string>,
): Promise<ExportRow> {
  const shown: Record<string, unknown> = { ...row, student_id: await pseudonymOf(String(row["student_id"])) };
  for (const { name, isTelling } of columns) {
    const id = row[name];
    if (isTelling && typeof id === "string")
      shown[name] = naturalId("for researchers", await pseudonymOf(id));
  }
  return shown;
}
