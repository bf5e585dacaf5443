import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { ClassStorage } from "../../durable-objects/src/classroom/platform.ts";

type Row = Record<string, SqlStorageValue>;
export type Value = string | number | null;

/** A read of the database that was made at once, behind what is used of a cursor. */
class Cursor {
  readonly #rows: readonly Row[];
  readonly rowsWritten: number;

  constructor(rows: readonly Row[], rowsWritten: number) {
    this.#rows = rows;
    this.rowsWritten = rowsWritten;
  }

  toArray(): Row[] {
    return [...this.#rows];
  }

  one(): Row {
    const [row] = this.#rows;
    if (!row || this.#rows.length > 1) throw new Error(`Expected one row, not ${this.#rows.length}.`);
    return row;
  }

  [Symbol.iterator](): Iterator<Row> {
    return this.#rows[Symbol.iterator]();
  }
}

export interface DiskHooks {
  /** Called before every operation, which it may keep from happening. */
  beforeOperation(operation: string): void;
  /** Resolves once all that is written is durable. */
  sync(): Promise<void>;
}

/**
 * A class's storage. What is not durable yet is an open transaction: to commit it is what the platform's flush does, to
 * roll it back is what a crash leaves.
 */
export class Disk {
  readonly #database = new DatabaseSync(":memory:");
  readonly #statements = new Map<string, { readonly statement: StatementSync; readonly isRead: boolean }>();
  #isDirty = false;
  #savepoints = 0;
  #alarmMs: number | null = null;
  #durableAlarmMs: number | null = null;
  /** While an alarm is being handled it is used up for who asks, and stands for who comes after a crash. */
  #isAlarmUsed = false;

  get isDirty(): boolean {
    return this.#isDirty;
  }

  /** What the platform would wake the class for, were the machine to end now. */
  get alarmMs(): number | null {
    return this.#durableAlarmMs;
  }

  /** The alarm as of the last write, durable or not. */
  get writtenAlarmMs(): number | null {
    return this.#isAlarmUsed ? this.#durableAlarmMs : this.#alarmMs;
  }

  commit(): void {
    if (this.#isDirty) this.#database.exec("COMMIT");
    this.#isDirty = false;
    if (!this.#isAlarmUsed) this.#durableAlarmMs = this.#alarmMs;
  }

  rollBack(): void {
    if (this.#isDirty) this.#database.exec("ROLLBACK");
    this.#isDirty = false;
    this.#isAlarmUsed = false;
    this.#alarmMs = this.#durableAlarmMs;
  }

  useAlarm(): void {
    this.#alarmMs = null;
    this.#isAlarmUsed = true;
  }

  /** The alarm's work was done, or failed. False: another alarm was set by it. */
  finishAlarm(isDone: boolean): boolean {
    if (!this.#isAlarmUsed) return false;
    this.#isAlarmUsed = false;
    if (isDone) this.setAlarm(null);
    else this.#alarmMs = this.#durableAlarmMs;
    return true;
  }

  /** The platform gave up on it. */
  dropAlarm(): void {
    this.#alarmMs = null;
    this.#durableAlarmMs = null;
  }

  setAlarm(timeMs: number | null): void {
    this.#begin();
    this.#isAlarmUsed = false;
    this.#alarmMs = timeMs;
  }

  /** Reads and writes without the platform. */
  run(query: string, ...values: readonly Value[]): Record<string, Value>[] {
    return this.#prepared(query).statement.all(...values) as Record<string, Value>[];
  }

  close(): void {
    this.#database.close();
  }

  /** The storage as one instance sees it. */
  storage(hooks: DiskHooks): ClassStorage {
    const exec = (query: string, ...values: readonly Value[]): Cursor => {
      hooks.beforeOperation(query);
      return this.#exec(query, values);
    };
    const storage = {
      sql: { exec, databaseSize: 64 * 1024 },
      transactionSync: <T>(work: () => T): T => this.#transaction(work, hooks),
      sync: () => hooks.sync(),
      getAlarm: () => {
        hooks.beforeOperation("getAlarm");
        return Promise.resolve(this.#alarmMs);
      },
      setAlarm: (timeMs: number) => this.#asynchronous(hooks, "setAlarm", timeMs),
      deleteAlarm: () => this.#asynchronous(hooks, "deleteAlarm", null),
    };
    return storage as unknown as ClassStorage;
  }

  async #asynchronous(hooks: DiskHooks, operation: string, timeMs: number | null): Promise<void> {
    hooks.beforeOperation(operation);
    this.setAlarm(timeMs);
  }

  #transaction<T>(work: () => T, hooks: DiskHooks): T {
    hooks.beforeOperation("transaction");
    this.#begin();
    this.#savepoints += 1;
    const name = `s${this.#savepoints}`;
    this.#database.exec(`SAVEPOINT ${name}`);
    try {
      const result = work();
      hooks.beforeOperation("release");
      this.#database.exec(`RELEASE ${name}`);
      return result;
    } catch (error) {
      // After a crash there is no transaction left to go back in.
      if (this.#isDirty) this.#database.exec(`ROLLBACK TO ${name}; RELEASE ${name}`);
      throw error;
    }
  }

  #exec(query: string, values: readonly Value[]): Cursor {
    if (values.length === 0 && query.trim().slice(0, -1).includes(";")) {
      this.#begin();
      this.#database.exec(query);
      return new Cursor([], 0);
    }
    const { statement, isRead } = this.#prepared(query);
    if (!isRead) this.#begin();
    return new Cursor(statement.all(...values) as Row[], isRead ? 0 : 1);
  }

  #prepared(query: string) {
    let prepared = this.#statements.get(query);
    if (!prepared) {
      prepared = { statement: this.#database.prepare(query), isRead: /^\s*select/i.test(query) };
      this.#statements.set(query, prepared);
    }
    return prepared;
  }

  #begin(): void {
    if (this.#isDirty) return;
    this.#database.exec("BEGIN");
    this.#isDirty = true;
  }
}
