import { keyOf, type Layout, layoutOf } from "./layout.ts";
import { compareBytes } from "./order.ts";
import type { Columns, Row, Table, Value } from "./table.ts";

/** One row of a batch, all that the batch's events say of it merged. */
export interface MergedRow {
  /** In the order of the table's columns. */
  readonly values: Value[];
  /** Order keys of the columns with the rule `own`, in their order. */
  readonly setBy: (string | null)[];
}

interface TableRows {
  readonly layout: Layout;
  readonly byKey: Map<string, MergedRow>;
  /** What is put in goes by way of this row: most ends in a row that is there already. */
  readonly incoming: MergedRow;
}

/**
 * The rows of a batch. Rows of one key are merged here by the rules that the upsert states in SQL, because a
 * statement must not touch a row twice.
 */
export class RowSet {
  readonly #tables = new Map<Table, TableRows>();

  /** @param order key of the event that gives the row, for columns with the rule `own` */
  put<C extends Columns>(table: Table<C>, row: Row<C>, order: string): void {
    const { layout, byKey, incoming } = this.#rowsOf(table);
    fill(incoming, layout, row, order);
    const key = keyOf(table, row);
    const known = byKey.get(key);
    if (known) mergeInto(known, incoming, layout);
    else byKey.set(key, copyOf(incoming));
  }

  /** Sorted by key, so that transactions that meet at the same rows lock them in the same order. */
  rows(table: Table): MergedRow[] {
    return Array.from(this.#tables.get(table)?.byKey ?? [])
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, row]) => row);
  }

  #rowsOf(table: Table): TableRows {
    let rows = this.#tables.get(table);
    if (!rows) {
      rows = { layout: layoutOf(table), byKey: new Map(), incoming: { values: [], setBy: [] } };
      this.#tables.set(table, rows);
    }
    return rows;
  }
}

function fill<C extends Columns>(
  { values, setBy }: MergedRow,
  layout: Layout,
  row: Row<C>,
  order: string,
): void {
  const { columns, own } = layout;
  for (let index = 0; index < columns.length; index += 1) {
    values[index] = row[columns[index]?.name ?? ""] ?? null;
  }
  for (let place = 0; place < own.length; place += 1) {
    setBy[place] = values[own[place]?.index ?? -1] === null ? null : order;
  }
}

function copyOf({ values, setBy }: MergedRow): MergedRow {
  return { values: [...values], setBy: [...setBy] };
}

/** Takes over what outranks what is there. */
function mergeInto(known: MergedRow, incoming: MergedRow, layout: Layout): void {
  const { values, setBy } = known;
  for (const { index } of layout.least) {
    if (!outranks(incoming.values[index], values[index], -1)) continue;
    values[index] = incoming.values[index] ?? null;
  }
  for (const { index } of layout.greatest) {
    if (!outranks(incoming.values[index], values[index], 1)) continue;
    values[index] = incoming.values[index] ?? null;
  }
  for (const { by, members } of layout.groups) {
    if (!outranks(incoming.values[by.index], values[by.index], 1)) continue;
    for (const { index } of members) values[index] = incoming.values[index] ?? null;
  }
  for (let place = 0; place < setBy.length; place += 1) {
    if (!outranks(incoming.setBy[place], setBy[place], 1)) continue;
    const index = layout.own[place]?.index ?? -1;
    values[index] = incoming.values[index] ?? null;
    setBy[place] = incoming.setBy[place] ?? null;
  }
}

function outranks(incoming: Value | undefined, known: Value | undefined, sign: 1 | -1): boolean {
  if (incoming === undefined || incoming === null) return false;
  if (known === undefined || known === null) return true;
  return sign * compare(incoming, known) > 0;
}

function compare(a: string | number | boolean, b: string | number | boolean): number {
  if (typeof a === "string" && typeof b === "string") return compareBytes(a, b);
  return Number(a) - Number(b);
}
