import type { MergedRow } from "./row-set.ts";
import type { Column, Table, Value } from "./table.ts";

export interface Statement {
  readonly text: string;
  /** One array a column. */
  readonly params: readonly (readonly Value[])[];
}

const texts = new WeakMap<Table, string>();

/** One statement that writes the rows, whichever of them are there already; none for no rows. Keys must differ. */
export function upsert(table: Table, rows: readonly MergedRow[]): Statement | undefined {
  if (rows.length === 0) return undefined;
  let text = texts.get(table);
  if (text === undefined) {
    text = upsertText(table);
    texts.set(table, text);
  }
  const names = Object.keys(table.columns);
  const params = names.map((_name, index) => rows.map((row) => row.values[index] ?? null));
  if (hasSetBy(table)) params.push(rows.map((row) => setByJson(names, row)));
  return { text, params };
}

function setByJson(names: readonly string[], { setBy }: MergedRow): string {
  return JSON.stringify(Object.fromEntries(names.map((name, index) => [name, setBy[index] ?? undefined])));
}

function upsertText(table: Table): string {
  const columns = Object.entries(table.columns);
  const types = columns.map(([, { type }]) => type);
  const names = columns.map(([name]) => name);
  if (hasSetBy(table)) {
    types.push("jsonb");
    names.push("set_by");
  }
  const arrays = types.map((type, index) => `$${index + 1}::${type}[]`);
  const inserted = names.map((name) => table.columns[name]?.insert ?? `given.${name}`);
  return [
    `INSERT INTO ${table.name} (${names.join(", ")})`,
    `SELECT ${inserted.join(", ")}`,
    `FROM unnest(${arrays.join(", ")}) AS given (${names.join(", ")})`,
    ...(table.isSteady ? [newsText(table)] : []),
    conflictText(table),
  ].join("\n");
}

/** Leaves out the rows that would change nothing. */
function newsText(table: Table): string {
  const isSame = table.key.map((name) => `stored.${name} = given.${name}`);
  const changes = mutableColumns(table).map(([name, column]) => newer(name, column, "given", "stored"));
  return [
    `LEFT JOIN ${table.name} AS stored ON ${isSame.join(" AND ")}`,
    `WHERE ${[`stored.${table.key[0]} IS NULL`, ...changes].join(" OR ")}`,
  ].join("\n");
}

function mutableColumns(table: Table): [string, Column][] {
  return Object.entries(table.columns).filter(([, { rule }]) => rule.kind !== "never");
}

function conflictText(table: Table): string {
  const mutable = mutableColumns(table);
  if (mutable.length === 0) return "ON CONFLICT DO NOTHING";
  const assignments = mutable.map(
    ([name, column]) =>
      `${name} = CASE WHEN ${newer(name, column, "excluded", table.name)} THEN excluded.${name} ELSE ${table.name}.${name} END`,
  );
  if (hasSetBy(table)) assignments.push(`set_by = ${mergedSetBy(table)}`);
  const changes = Array.from(
    new Set(mutable.map(([name, column]) => newer(name, column, "excluded", table.name))),
  );
  const owned = table.updatableWhere === undefined ? "" : `${table.updatableWhere} AND `;
  return [
    `ON CONFLICT (${table.key.join(", ")}) DO UPDATE SET`,
    assignments.map((assignment) => `  ${assignment}`).join(",\n"),
    `WHERE ${owned}(${changes.join(" OR ")})`,
  ].join("\n");
}

/** True when the incoming value is to be taken: what is compared is greater, or there is nothing to compare with. */
function newer(name: string, { rule }: Column, incoming: string, stored: string): string {
  const operator = rule.kind === "least" ? "<" : ">";
  const compared = (row: string) =>
    rule.kind === "own" ? setter(name, row) : `${row}.${rule.kind === "order" ? rule.column : name}`;
  return `coalesce(${compared(incoming)} ${operator} ${compared(stored)}, ${compared(incoming)} IS NOT NULL)`;
}

/** The order key of the event that set a column. */
function setter(name: string, row: string): string {
  return `(${row}.set_by->>'${name}') COLLATE "C"`;
}

function mergedSetBy(table: Table): string {
  const pairs = Object.entries(table.columns)
    .filter(([, { rule }]) => rule.kind === "own")
    .map(([name]) => `'${name}', GREATEST(${setter(name, table.name)}, ${setter(name, "excluded")})`);
  return `jsonb_strip_nulls(jsonb_build_object(${pairs.join(", ")}))`;
}

function hasSetBy(table: Table): boolean {
  return Object.values(table.columns).some(({ rule }) => rule.kind === "own");
}
