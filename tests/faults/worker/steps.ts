/** What a run can be cut off at: each thing done that lasts beyond memory, numbered by name since `watch`. */
export class Steps {
  readonly #counts = new Map<string, number>();
  #isWatching = false;
  #last: string | undefined;

  /** Tells of each step from now on, and goes no further than the one named; all are told if none is. */
  watch(last: string | undefined): void {
    this.#counts.clear();
    this.#isWatching = true;
    this.#last = last;
  }

  readonly reach = (name: string): void => {
    if (!this.#isWatching) return;
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    const step = `${name} #${count}`;
    if (step === this.#last) {
      console.log(`last-step ${step}`);
      // Nothing may happen any more in this process, which is killed for what it has just said.
      for (;;);
    }
    if (this.#last === undefined) console.log(`step ${step}`);
  };
}

/** Storage that tells of all that would outlast the object, before it is done and once it is known to be. */
export function steppingStorage(
  storage: DurableObjectStorage,
  reach: (name: string) => void,
  offsetMs: () => number,
): DurableObjectStorage {
  const sql = new Proxy(storage.sql, {
    get: (target, key) =>
      key === "exec"
        ? (query: string, ...bindings: SqlStorageValue[]) => {
            if (!/^\s*select/i.test(query)) reach(shortened(query));
            return target.exec(query, ...bindings);
          }
        : bound(target, key),
  });
  return new Proxy(storage, {
    get: (target, key) => {
      switch (key) {
        case "sql":
          return sql;
        case "transactionSync":
          return <T>(closure: () => T): T => {
            const done = target.transactionSync(() => {
              const result = closure();
              reach("transaction ends");
              return result;
            });
            reach("transaction ended");
            return done;
          };
        case "sync":
          return async () => {
            reach("sync begins");
            await target.sync();
            reach("synced");
          };
        case "setAlarm":
          return async (timeMs: number) => {
            reach("alarm is set");
            await target.setAlarm(timeMs - offsetMs());
          };
        case "deleteAlarm":
          return async () => {
            reach("alarm is deleted");
            await target.deleteAlarm();
          };
        default:
          return bound(target, key);
      }
    },
  });
}

function bound(target: object, key: string | symbol): unknown {
  const value: unknown = Reflect.get(target, key, target);
  return typeof value === "function" ? value.bind(target) : value;
}

/** What a statement does, without what differs from day to day. */
function shortened(query: string): string {
  const words = query
    .trim()
    .replace(/log_\d+/, "log_DAY")
    .split(/[\s(]+/);
  return words.slice(0, words[0] === "UPDATE" ? 2 : 3).join(" ");
}
