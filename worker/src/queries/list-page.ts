import type { Page } from "@cell-monitor/protocol";
import * as v from "valibot";
import type { Database } from "./database.ts";

export interface ListQuery<Row extends v.GenericSchema> {
  readonly row: Row;
  readonly columns: string;
  /** `FROM` and `WHERE`. */
  readonly from: string;
  readonly order: string;
  readonly parameters: readonly unknown[];
}

/** A part of a list, and the length of the whole, as of one moment. */
export async function listPage<Row extends v.GenericSchema>(
  db: Database,
  { row, columns, from, order, parameters }: ListQuery<Row>,
  { skip, limit }: Page,
): Promise<{ readonly rows: v.InferOutput<Row>[]; readonly total: number }> {
  const [rows, counted] = await db.all([
    { text: `SELECT ${columns} ${from} ORDER BY ${order} OFFSET ${skip} LIMIT ${limit}`, parameters },
    { text: `SELECT count(*)::integer AS total ${from}`, parameters },
  ]);
  const [{ total }] = v.parse(v.tuple([v.object({ total: v.number() })]), counted);
  return { rows: v.parse(v.array(row), rows), total };
}
