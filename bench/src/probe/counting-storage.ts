import { counts, during } from "./activity.ts";

/** Storage that counts the rows which are charged for. */
export function countingStorage(storage: DurableObjectStorage): DurableObjectStorage {
  const sql = new Proxy(storage.sql, {
    get: (target, key) =>
      key === "exec"
        ? (query: string, ...bindings: SqlStorageValue[]) => countedExec(target, query, bindings)
        : bound(target, key),
  });
  return new Proxy(storage, {
    get: (target, key) => {
      switch (key) {
        case "sql":
          return sql;
        case "sync":
          return () => during(() => target.sync());
        case "setAlarm":
          return (timeMs: number) => {
            note("alarm", 1);
            return target.setAlarm(timeMs);
          };
        default:
          return bound(target, key);
      }
    },
  });
}

function countedExec(sql: SqlStorage, query: string, bindings: SqlStorageValue[]) {
  const cursor = sql.exec(query, ...bindings);
  const table = /^\s*(?:insert(?: or \w+)? into|update|delete from)\s+"?(\w+)/i.exec(query)?.[1];
  if (table !== undefined) note(table.replace(/\d+/, "day"), cursor.rowsWritten);
  if (table === "checkpoint" && /^\s*delete/i.test(query)) counts.checkpoints += 1;
  return cursor;
}

function note(table: string, rows: number): void {
  counts.rowsWritten += rows;
  counts.written.set(table, (counts.written.get(table) ?? 0) + rows);
}

function bound(target: object, key: string | symbol): unknown {
  const value: unknown = Reflect.get(target, key, target);
  return typeof value === "function" ? value.bind(target) : value;
}
