import * as v from "valibot";
import type { ExportColumn, ExportShape } from "../export/tables.ts";
import type { Database } from "./database.ts";
import { mixedOrder } from "./mixed-order.ts";

export type ExportRow = Record<string, unknown>;

export interface Cursor {
  readonly time: string;
  readonly id: string;
}

export interface ExportPage {
  readonly rows: readonly ExportRow[];
  /** Where the next page begins; undefined after the last. */
  readonly next: Cursor | undefined;
}

/** So that a page of the largest rows stays far below what one answer may hold. */
const rowsAtOnce = 200;

const rowSchema = v.object({ id: v.string(), time: v.string(), row: v.record(v.string(), v.unknown()) });

export interface ExportQuery {
  readonly classId: string;
  readonly shape: ExportShape;
  readonly columns: readonly ExportColumn[];
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** Orders what is of one time in a way that tells nothing; a secret. */
  readonly mixedBy: string | undefined;
}

/** A page of what is exported, by time and id: however long the whole is, a page costs the same. */
export async function exportPage(db: Database, query: ExportQuery, after?: Cursor): Promise<ExportPage> {
  const { classId, shape, columns, from, to, mixedBy } = query;
  const id = mixedBy === undefined ? shape.id : mixedOrder(shape.id, "$6");
  const fields = columns.map(({ name, sql }) => `'${name}', ${sql}`).join(", ");
  const found = await db.rows(
    rowSchema,
    `SELECT ${id}::text AS id, (${shape.time})::text AS time, json_build_object(${fields}) AS row
     FROM ${shape.from} WHERE t.class_id = $1
       AND ($2::timestamptz IS NULL OR ${shape.time} >= $2::timestamptz)
       AND ($3::timestamptz IS NULL OR ${shape.time} < $3::timestamptz)
       AND ($4::timestamptz IS NULL OR (${shape.time}, ${id}) > ($4::timestamptz, $5::uuid))
     ORDER BY ${shape.time}, ${id} LIMIT ${rowsAtOnce}`,
    [
      classId,
      from ?? null,
      to ?? null,
      after?.time ?? null,
      after?.id ?? null,
      ...(mixedBy === undefined ? [] : [mixedBy]),
    ],
  );
  const last = found.at(-1);
  return {
    rows: found.map(({ row }) => row),
    next: last && found.length === rowsAtOnce ? { time: last.time, id: last.id } : undefined,
  };
}
