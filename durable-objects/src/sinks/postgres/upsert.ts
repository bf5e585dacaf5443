import { arrayLiteral } from "./array-literal.ts";
import { type Layout, layoutOf, type Placed } from "./layout.ts";
import type { MergedRow } from "./row-set.ts";
import type { Column, Table } from "./table.ts";

export interface Statement {
  readonly text: string;
  /** An array a column. */
  readonly params: readonly string[];
}

/**
 * One statement that writes the rows, whichever of them are there already; none for no rows. Keys must differ.
 * Columns that all rows leave empty aren't named: most of what an event could tell, most events don't.
 */
export function upsert(table: Table, rows: readonly MergedRow[]): Statement | undefined {
  if (rows.length === 0) return undefined;
  const layout = layoutOf(table);
  const given: Placed[] = [];
  const params: string[] = [];
  for (const placed of layout.columns) {
    const array = arrayLiteral(rows.map(({ values }) => values[placed.index] ?? null));
    if (array === undefined) continue;
    given.push(placed);
    params.push(array);
  }
  if (layout.own.length > 0) params.push(arrayLiteral(rows.map((row) => setByJson(layout, row))) ?? "{}");
  return { text: upsertText(table, layout, new Set(given)), params };
}

function setByJson({ own }: Layout, { setBy }: MergedRow): string {
  return JSON.stringify(Object.fromEntries(own.map(({ name }, place) => [name, setBy[place] ?? undefined])));
}

function upsertText(table: Table, layout: Layout, given: ReadonlySet<Placed>): string {
  const named = Array.from(given, ({ name, column: { type, insert } }) => ({ name, type, insert }));
  if (layout.own.length > 0) named.push({ name: "set_by", type: "jsonb", insert: undefined });
  const names = named.map(({ name }) => name).join(", ");
  const changes = changesOf(layout, given);
  return [
    `INSERT INTO ${table.name} (${names})`,
    `SELECT ${named.map(({ name, insert }) => insert ?? `given.${name}`).join(", ")}`,
    `FROM unnest(${named.map(({ type }, index) => `$${index + 1}::${type}[]`).join(", ")}) AS given (${names})`,
    ...(table.isSteady ? [newsText(table, changes)] : []),
    conflictText(table, changes, given),
  ].join("\n");
}

/** What may take the place of what is stored: by which column it is decided, and which columns are taken. */
interface Change {
  readonly by: Placed;
  readonly taken: readonly Placed[];
}

function changesOf({ least, greatest, own, groups }: Layout, given: ReadonlySet<Placed>): Change[] {
  const alone = [...least, ...greatest, ...own].map((by) => ({ by, taken: [by] }));
  // Of a group all columns are taken: one that isn't named is null, as it is in every row.
  const together = groups.map(({ by, members }) => ({ by, taken: members }));
  return [...alone, ...together].filter(({ by }) => given.has(by));
}

/** Leaves out the rows that would change nothing. */
function newsText(table: Table, changes: readonly Change[]): string {
  const isSame = table.key.map((name) => `stored.${name} = given.${name}`);
  const isNews = changes.map(({ by }) => newer(by, "given", "stored"));
  return [
    `LEFT JOIN ${table.name} AS stored ON ${isSame.join(" AND ")}`,
    `WHERE ${[`stored.${table.key[0]} IS NULL`, ...isNews].join(" OR ")}`,
  ].join("\n");
}

function conflictText(
  { name: table, key, updatableWhere }: Table,
  changes: readonly Change[],
  given: ReadonlySet<Placed>,
): string {
  if (changes.length === 0) return "ON CONFLICT DO NOTHING";
  const assignments = changes.flatMap(({ by, taken }) => {
    const isNewer = newer(by, "excluded", table);
    return taken.map(
      ({ name }) => `${name} = CASE WHEN ${isNewer} THEN excluded.${name} ELSE ${table}.${name} END`,
    );
  });
  const owned = Array.from(given).filter(({ column }) => column.rule.kind === "own");
  if (owned.length > 0) assignments.push(`set_by = ${mergedSetBy(table, owned)}`);
  const isNews = changes.map(({ by }) => newer(by, "excluded", table)).join(" OR ");
  return [
    `ON CONFLICT (${key.join(", ")}) DO UPDATE SET`,
    assignments.map((assignment) => `  ${assignment}`).join(",\n"),
    `WHERE ${updatableWhere === undefined ? "" : `${updatableWhere} AND `}(${isNews})`,
  ].join("\n");
}

/** True when the incoming value is to be taken: what is compared is greater, or there is nothing to compare with. */
function newer({ name, column }: Placed, incoming: string, stored: string): string {
  const operator = column.rule.kind === "least" ? "<" : ">";
  const [a, b] = [compared(name, column, incoming), compared(name, column, stored)];
  return `coalesce(${a} ${operator} ${b}, ${a} IS NOT NULL)`;
}

function compared(name: string, { rule }: Column, row: string): string {
  return rule.kind === "own" ? setter(name, row) : `${row}.${name}`;
}

/** The order key of the event that set a column. */
function setter(name: string, row: string): string {
  return `(${row}.set_by->>'${name}') COLLATE "C"`;
}

function mergedSetBy(table: string, owned: readonly Placed[]): string {
  const pairs = owned.map(
    ({ name }) => `'${name}', GREATEST(${setter(name, table)}, ${setter(name, "excluded")})`,
  );
  return `${table}.set_by || jsonb_strip_nulls(jsonb_build_object(${pairs.join(", ")}))`;
}
