import { accept, type Page, refuse, type Result } from "@cell-monitor/protocol";
import * as v from "valibot";
import type { Granted } from "../auth/claims.ts";
import { staleVersion } from "../middleware/if-match.ts";
import type { Database, Statement } from "./database.ts";
import { type FieldsByConstraint, refusingViolations } from "./violations.ts";

/** What PostgreSQL keeps in a column; how it is read as JSON follows from it. */
type ColumnType =
  | "uuid"
  | "text"
  | "integer"
  | "bigint"
  | "double precision"
  | "boolean"
  | "date"
  | "timestamptz"
  | "jsonb"
  | "json";

export interface ResourceShape<Row extends v.GenericSchema> {
  readonly table: string;
  /** What a row is answered as: the names of `columns`. */
  readonly row: Row;
  readonly columns: Readonly<Record<string, ColumnType>>;
  /** The column, or an expression, that says whose class a row is; null where the resource is no class's. */
  readonly classColumn: string | null;
  readonly order: string;
  readonly fields?: FieldsByConstraint;
}

type Values = Readonly<Record<string, unknown>>;

/** The classes that are granted, and a further condition where not all of their rows are: SQL, its values added to it. */
export type Scope = Granted & {
  readonly also?: ((add: (value: unknown, type: string) => string) => string) | undefined;
};

export interface ChangeOptions {
  /** The version that is meant to be changed; a row that has another by now stays as it is. */
  readonly version?: number | undefined;
}

/**
 * The plain statements on a table whose rows belong to classes. Each is confined to the classes it is granted for; what
 * lies outside is as if it weren't there. Names of columns come from the shape alone, never from a body.
 */
export class Resource<Row extends v.GenericSchema> {
  readonly #shape: ResourceShape<Row>;

  constructor(shape: ResourceShape<Row>) {
    this.#shape = shape;
  }

  async find(db: Database, granted: Scope, id: string): Promise<v.InferOutput<Row> | undefined> {
    const values = new Parameters();
    const where = `id = ${values.add(id, "uuid")} AND ${this.#within(granted, values)}`;
    const [rows = []] = await db.all([this.#select(where, values)]);
    return this.#read(rows)[0];
  }

  /** @param filters column and the value it must have; an undefined one filters nothing */
  async list(
    db: Database,
    granted: Scope,
    { skip, limit }: Page,
    filters: Values = {},
  ): Promise<{ readonly rows: v.InferOutput<Row>[]; readonly total: number }> {
    const { table, order } = this.#shape;
    const values = new Parameters();
    const conditions = this.#known(filters).map(
      ([name, type, value]) => `${name} = ${values.add(value, type)}`,
    );
    const where = [this.#within(granted, values), ...conditions].join(" AND ");
    const [rows = [], counted] = await db.all([
      this.#select(`${where} ORDER BY ${order} OFFSET ${skip} LIMIT ${limit}`, values),
      { text: `SELECT count(*)::integer AS total FROM ${table} WHERE ${where}`, parameters: values.list },
    ]);
    const [{ total }] = v.parse(v.tuple([v.object({ total: v.number() })]), counted);
    return { rows: this.#read(rows), total };
  }

  insert(db: Database, given: Values): Promise<Result<v.InferOutput<Row>>> {
    const values = new Parameters();
    const known = this.#known(given);
    const names = known.map(([name]) => name).join(", ");
    const marks = known.map(([, type, value]) => values.add(value, type)).join(", ");
    const text = `WITH changed AS (
      INSERT INTO ${this.#shape.table} (${names}) VALUES (${marks}) RETURNING *
    ) SELECT ${this.#json} AS row FROM changed`;
    return refusingViolations(async () => {
      const [rows = []] = await db.all([{ text, parameters: values.list }]);
      const [row] = this.#read(rows);
      if (row === undefined) throw new Error("The database returned no row.");
      return row;
    }, this.#shape.fields);
  }

  /** Changes the columns that are named; undefined ones stay. Without any it only reads. */
  async update(
    db: Database,
    granted: Scope,
    id: string,
    given: Values,
    { version }: ChangeOptions = {},
  ): Promise<Result<v.InferOutput<Row>>> {
    const { table, columns } = this.#shape;
    const values = new Parameters();
    const where = `id = ${values.add(id, "uuid")} AND ${this.#within(granted, values)}`;
    const changes = this.#known(given).map(([name, type, value]) => `${name} = ${values.add(value, type)}`);
    if (Object.hasOwn(columns, "version")) changes.push("version = version + 1");
    if (Object.hasOwn(columns, "updated_at")) changes.push("updated_at = now()");
    const isWanted = version === undefined ? "true" : `version = ${values.add(version, "bigint")}`;
    const change =
      this.#known(given).length === 0
        ? `SELECT * FROM ${table} WHERE ${where} AND ${isWanted}`
        : `UPDATE ${table} SET ${changes.join(", ")} WHERE ${where} AND ${isWanted} RETURNING *`;
    return this.#change(db, where, change, values);
  }

  /** Removes a row, and answers what it was. */
  remove(
    db: Database,
    granted: Scope,
    id: string,
    { version }: ChangeOptions = {},
  ): Promise<Result<v.InferOutput<Row>>> {
    const values = new Parameters();
    const where = `id = ${values.add(id, "uuid")} AND ${this.#within(granted, values)}`;
    const isWanted = version === undefined ? "true" : `version = ${values.add(version, "bigint")}`;
    const change = `DELETE FROM ${this.#shape.table} WHERE ${where} AND ${isWanted} RETURNING *`;
    return this.#change(db, where, change, values);
  }

  async #change(
    db: Database,
    where: string,
    change: string,
    { list }: Parameters,
  ): Promise<Result<v.InferOutput<Row>>> {
    const text = `WITH there AS (SELECT 1 FROM ${this.#shape.table} WHERE ${where}), changed AS (${change})
      SELECT EXISTS (SELECT FROM there) AS is_there, (SELECT ${this.#json} FROM changed) AS row`;
    const changed = await refusingViolations(() => db.all([{ text, parameters: list }]), this.#shape.fields);
    if (!changed.ok) return changed;
    const outcome = v.object({ is_there: v.boolean(), row: v.nullable(this.#shape.row) });
    const [[{ is_there: isThere, row }]] = v.parse(v.tuple([v.tuple([outcome])]), changed.value);
    if (!isThere) return refuse("not_found", "There is none with this id.");
    return row === null ? staleVersion : accept(row);
  }

  #select(where: string, { list }: Parameters): Statement {
    const text = `SELECT ${this.#json} AS row FROM ${this.#shape.table} WHERE ${where}`;
    return { text, parameters: list };
  }

  /** A row as JSON, so that numbers are numbers and times ISO 8601 in UTC. */
  get #json(): string {
    const parts = Object.entries(this.#shape.columns).map(
      ([name, type]) => `'${name}', ${readAs(name, type)}`,
    );
    return `json_build_object(${parts.join(", ")})`;
  }

  #within(granted: Scope, values: Parameters): string {
    const { classColumn } = this.#shape;
    const also = granted.also?.((value, type) => values.add(value, type)) ?? "true";
    if (granted.all || classColumn === null) return also;
    return `${classColumn} = ANY (${values.add(granted.ids, "uuid[]")}) AND ${also}`;
  }

  #known(given: Values): [name: string, type: ColumnType, value: unknown][] {
    return Object.entries(this.#shape.columns).flatMap(([name, type]): [string, ColumnType, unknown][] => {
      const value = Object.hasOwn(given, name) ? given[name] : undefined;
      return value === undefined ? [] : [[name, type, value]];
    });
  }

  #read(rows: unknown): v.InferOutput<Row>[] {
    return v.parse(v.array(v.object({ row: this.#shape.row })), rows).map(({ row }) => row);
  }
}

function readAs(name: string, type: ColumnType): string {
  if (type !== "timestamptz") return name;
  return `to_char(${name} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

/** Values in the order in which a statement names them. */
class Parameters {
  readonly list: unknown[] = [];

  /** Adds a value. @returns how the statement names it */
  add(value: unknown, type: string): string {
    this.list.push((type === "jsonb" || type === "json") && value !== null ? JSON.stringify(value) : value);
    return `$${this.list.length}::${type}`;
  }
}
