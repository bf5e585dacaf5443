import type { Column, Columns, Row, Table } from "./table.ts";

/** A column, and where its value stands in a row. */
export interface Placed {
  readonly index: number;
  readonly name: string;
  readonly column: Column;
}

/** A table's columns by the rule that merges them. */
export interface Layout {
  readonly columns: readonly Placed[];
  readonly least: readonly Placed[];
  /** Without order keys, which are taken with the group that they lead. */
  readonly greatest: readonly Placed[];
  readonly own: readonly Placed[];
  readonly groups: readonly Group[];
}

/** Columns that are taken over together. */
interface Group {
  /** The order key, by which it is decided. */
  readonly by: Placed;
  /** What is taken; the order key is one of them. */
  readonly members: readonly Placed[];
}

const layouts = new WeakMap<Table, Layout>();

export function layoutOf(table: Table): Layout {
  let layout = layouts.get(table);
  if (!layout) {
    layout = makeLayout(table);
    layouts.set(table, layout);
  }
  return layout;
}

function makeLayout(table: Table): Layout {
  const columns = Object.entries(table.columns).map(([name, column], index) => ({ index, name, column }));
  const ruled = (kind: Column["rule"]["kind"]) => columns.filter(({ column }) => column.rule.kind === kind);
  const groups = columns.flatMap((by) => {
    const led = columns.filter(({ column: { rule } }) => rule.kind === "order" && rule.column === by.name);
    return led.length === 0 ? [] : [{ by, members: [by, ...led] }];
  });
  const leaders = new Set(groups.map(({ by }) => by));
  const greatest = ruled("greatest").filter((placed) => !leaders.has(placed));
  return { columns, least: ruled("least"), greatest, own: ruled("own"), groups };
}

/** What names a row among those of its table and class: a batch is of one class, and keys end in what tells rows apart. */
export function keyOf<C extends Columns>(table: Table<C>, row: Row<C>): string {
  return String(row[table.key.at(-1) ?? ""]);
}
