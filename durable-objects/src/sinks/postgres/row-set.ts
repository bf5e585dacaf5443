import { compareBytes } from "./order.ts";
import type { Columns, Row, Rule, Table, Value } from "./table.ts";

/** One row of a batch, all that the batch's events say of it merged. Values stand in the order of the columns. */
export interface MergedRow {
  readonly values: Value[];
  /** Order keys of the columns with the rule `own`. */
  readonly setBy: (string | null)[];
}

interface Layout {
  readonly names: readonly string[];
  readonly rules: readonly Rule["kind"][];
  /** Columns that may change after a row is there. */
  readonly mutable: readonly number[];
  /** For a column with the rule `order`, where its order key stands. */
  readonly orderIndexes: readonly number[];
}

const layouts = new WeakMap<Table, Layout>();

function layoutOf(table: Table): Layout {
  let layout = layouts.get(table);
  if (!layout) {
    const names = Object.keys(table.columns);
    const rules = Object.values(table.columns).map((column) => column.rule);
    layout = {
      names,
      rules: rules.map((rule) => rule.kind),
      mutable: rules.flatMap((rule, index) => (rule.kind === "never" ? [] : [index])),
      orderIndexes: rules.map((rule) => (rule.kind === "order" ? names.indexOf(rule.column) : -1)),
    };
    layouts.set(table, layout);
  }
  return layout;
}

/**
 * The rows of a batch. Rows of one key are merged here by the rules that the upsert states in SQL, because a
 * statement must not touch a row twice.
 */
export class RowSet {
  readonly #tables = new Map<Table, Map<string, MergedRow>>();

  /** @param order key of the event that gives the row, for columns with the rule `own` */
  put<C extends Columns>(table: Table<C>, row: Row<C>, order: string): void {
    const layout = layoutOf(table);
    const incoming = mergedRow(layout, row, order);
    const key = table.key.map((name) => row[name]).join("/");
    const rows = this.#rowsOf(table);
    const known = rows.get(key);
    if (known) mergeInto(known, incoming, layout);
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

function mergedRow<C extends Columns>({ names, rules }: Layout, row: Row<C>, order: string): MergedRow {
  const values = names.map((name) => row[name] ?? null);
  const setBy = rules.map((rule, index) => (rule === "own" && values[index] !== null ? order : null));
  return { values, setBy };
}

function mergeInto(known: MergedRow, incoming: MergedRow, layout: Layout): void {
  // Decided for all columns before one is changed: a group's order key is a column too.
  const newer = layout.mutable.filter((index) => isNewer(layout, index, incoming, known));
  for (const index of newer) {
    known.values[index] = incoming.values[index] ?? null;
    known.setBy[index] = incoming.setBy[index] ?? null;
  }
}

function isNewer(
  { rules, orderIndexes }: Layout,
  index: number,
  incoming: MergedRow,
  known: MergedRow,
): boolean {
  switch (rules[index] ?? "never") {
    case "least":
      return outranks(incoming.values[index], known.values[index], -1);
    case "greatest":
      return outranks(incoming.values[index], known.values[index], 1);
    case "order": {
      const orderIndex = orderIndexes[index] ?? -1;
      return outranks(incoming.values[orderIndex], known.values[orderIndex], 1);
    }
    case "own":
      return outranks(incoming.setBy[index], known.setBy[index], 1);
    case "never":
      return false;
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
