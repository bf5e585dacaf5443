import { compareBytes } from "./order.ts";
import type { Column, Columns, Row, Table, Value } from "./table.ts";

/** One row of a batch, all that the batch's events say of it merged. */
export interface MergedRow {
  readonly values: Map<string, Value>;
  /** Order keys of the columns with the rule `own`. */
  readonly setBy: Map<string, string>;
}

/**
 * The rows of a batch. Rows of one key are merged here by the rules that the upsert states in SQL, because a
 * statement must not touch a row twice.
 */
export class RowSet {
  readonly #tables = new Map<Table, Map<string, MergedRow>>();

  /** @param order key of the event that gives the row, for columns with the rule `own` */
  put<C extends Columns>(table: Table<C>, row: Row<C>, order: string): void {
    const incoming = mergedRow(table, row, order);
    const key = table.key.map((name) => incoming.values.get(name)).join("/");
    const rows = this.#rowsOf(table);
    const known = rows.get(key);
    if (known) mergeInto(known, incoming, table);
    else rows.set(key, incoming);
  }

  /** Sorted by key, so that transactions that meet at the same rows lock them in the same order. */
  rows(table: Table): MergedRow[] {
    return Array.from(this.#tables.get(table) ?? [])
      .sort(([a], [b]) => compareBytes(a, b))
      .map(([, row]) => row);
  }

  #rowsOf(table: Table): Map<string, MergedRow> {
    let rows = this.#tables.get(table);
    if (!rows) {
      rows = new Map();
      this.#tables.set(table, rows);
    }
    return rows;
  }
}

function mergedRow<C extends Columns>(table: Table<C>, row: Row<C>, order: string): MergedRow {
  const values = new Map<string, Value>();
  const setBy = new Map<string, string>();
  for (const [name, column] of Object.entries(table.columns)) {
    const value = row[name] ?? null;
    values.set(name, value);
    if (column.rule.kind === "own" && value !== null) setBy.set(name, order);
  }
  return { values, setBy };
}

function mergeInto(known: MergedRow, incoming: MergedRow, table: Table): void {
  // Decided for all columns before one is changed: a group's order key is a column too.
  const newer = Object.entries(table.columns).filter(([name, column]) =>
    isNewer(name, column, incoming, known),
  );
  for (const [name] of newer) {
    known.values.set(name, incoming.values.get(name) ?? null);
    const order = incoming.setBy.get(name);
    if (order !== undefined) known.setBy.set(name, order);
  }
}

function isNewer(name: string, { rule }: Column, incoming: MergedRow, known: MergedRow): boolean {
  switch (rule.kind) {
    case "never":
      return false;
    case "least":
      return outranks(incoming.values.get(name), known.values.get(name), -1);
    case "greatest":
      return outranks(incoming.values.get(name), known.values.get(name), 1);
    case "order":
      return outranks(incoming.values.get(rule.column), known.values.get(rule.column), 1);
    case "own":
      return outranks(incoming.setBy.get(name), known.setBy.get(name), 1);
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
