import type { MergedRow } from "./row-set.ts";
import type { Column, Table, Value } from "./table.ts";

export interface Statement {
  readonly text: string;
  /** One array a column. */
  readonly params: readonly (readonly Value[])[];
}

const texts = new WeakMap<Table, string>();

/** One statement that writes the rows, whichever of them are there already. The rows' keys must differ. */
export function upsert(table: Table, rows: readonly MergedRow[]): Statement {
  let text = texts.get(table);
  if (text === undefined) {
    text = upsertText(table);
    texts.set(table, text);
  }
  const params = Object.keys(table.columns).map((name) => rows.map((row) => row.values.get(name) ?? null));
  if (hasSetBy(table)) params.push(rows.map((row) => JSON.stringify(Object.fromEntries(row.setBy))));
  return { text, params };
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
    conflictText(table),
  ].join("\n");
}

function conflictText(table: Table): string {
  const mutable = Object.entries(table.columns).filter(([, { rule }]) => rule.kind !== "never");
  if (mutable.length === 0) return "ON CONFLICT DO NOTHING";
  const assignments = mutable.map(
    ([name, column]) =>
      `${name} = CASE WHEN ${newer(table, name, column)} THEN excluded.${name} ELSE ${table.name}.${name} END`,
  );
  if (hasSetBy(table)) assignments.push(`set_by = ${mergedSetBy(table)}`);
  const changes = Array.from(new Set(mutable.map(([name, column]) => newer(table, name, column))));
  const owned = table.updatableWhere === undefined ? "" : `${table.updatableWhere} AND `;
  return [
    `ON CONFLICT (${table.key.join(", ")}) DO UPDATE SET`,
    assignments.map((assignment) => `  ${assignment}`).join(",\n"),
    `WHERE ${owned}(${changes.join(" OR ")})`,
  ].join("\n");
}

/** True when the incoming value is to be taken: what is compared is greater, or there is nothing to compare with. */
function newer(table: Table, name: string, { rule }: Column): string {
  const operator = rule.kind === "least" ? "<" : ">";
  const compared =
    rule.kind === "own"
      ? setterOf(name)
      : (row: string) => `${row}.${rule.kind === "order" ? rule.column : name}`;
  const incoming = compared("excluded");
  return `coalesce(${incoming} ${operator} ${compared(table.name)}, ${incoming} IS NOT NULL)`;
}

function setterOf(name: string): (row: string) => string {
  return (row) => `(${row}.set_by->>'${name}') COLLATE "C"`;
}

function mergedSetBy(table: Table): string {
  const pairs = Object.entries(table.columns)
    .filter(([, { rule }]) => rule.kind === "own")
    .map(([name]) => `'${name}', GREATEST(${setterOf(name)(table.name)}, ${setterOf(name)("excluded")})`);
  return `jsonb_strip_nulls(jsonb_build_object(${pairs.join(", ")}))`;
}

function hasSetBy(table: Table): boolean {
  return Object.values(table.columns).some(({ rule }) => rule.kind === "own");
}
