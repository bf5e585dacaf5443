export type ColumnType =
  | "uuid"
  | "text"
  | "bigint"
  | "double precision"
  | "boolean"
  | "timestamptz"
  | "jsonb";

/** How a value is handed to Postgres: times as ISO 8601, JSON as text. */
export type Value = string | number | boolean | null;

/**
 * When an incoming value takes the place of the stored one. Null never does, but as part of an `order` group.
 * - `never`: the key decides it; all rows of one key agree.
 * - `least`, `greatest`: the smaller or the greater stays.
 * - `order`: it comes with the row in whose group the named order key is greater.
 * - `own`: the order key of the event that set this very column is greater. Kept in the row's `set_by`.
 */
type Rule =
  | { readonly kind: "never" | "least" | "greatest" | "own" }
  | { readonly kind: "order"; readonly column: string };

export interface Column<Type extends ColumnType = ColumnType> {
  readonly type: Type;
  readonly rule: Rule;
  /** SQL for what is inserted, where that isn't the given value itself; the given row is `given`. */
  readonly insert?: string;
}

export type Columns = Readonly<Record<string, Column>>;

/** A table that events are projected to. `set_by` is no listed column: it is there when a column has the rule `own`. */
export interface Table<C extends Columns = Columns> {
  readonly name: string;
  readonly key: readonly string[];
  readonly columns: C;
  /** Most of what is written to it is known already: it is looked at first, since an upsert locks what it finds. */
  readonly isSteady?: true;
  /** Rows for which this SQL condition fails are owned by people and left alone. */
  readonly updatableWhere?: string;
}

type ValueOf<Type extends ColumnType> = Type extends "bigint" | "double precision"
  ? number
  : Type extends "boolean"
    ? boolean
    : string;

/** A row to write; what is absent is null. */
export type Row<C extends Columns> = {
  readonly [Name in keyof C]?: ValueOf<C[Name]["type"]> | null | undefined;
};

export function defineTable<const C extends Columns>(table: Table<C>): Table<C> {
  return table;
}

function column<Type extends ColumnType>(type: Type, kind: Exclude<Rule["kind"], "order">): Column<Type> {
  return { type, rule: { kind } };
}

export const fixed = <Type extends ColumnType>(type: Type) => column(type, "never");
export const least = <Type extends ColumnType>(type: Type) => column(type, "least");
export const greatest = <Type extends ColumnType>(type: Type) => column(type, "greatest");
export const latest = <Type extends ColumnType>(type: Type) => column(type, "own");

/** Columns that one event gives together: they are taken over together, nulls included. */
export const from = <Type extends ColumnType>(orderColumn: string, type: Type): Column<Type> => ({
  type,
  rule: { kind: "order", column: orderColumn },
});
