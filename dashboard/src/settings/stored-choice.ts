export interface StoredChoice<T extends string> {
  read(): T | undefined;
  write(choice: T): void;
}

/** One of a few words that this browser remembers; where it may not, it forgets. */
export function storedChoice<T extends string>(name: string, choices: readonly T[]): StoredChoice<T> {
  const key = `cell-monitor.${name}`;
  return {
    read() {
      try {
        const stored = localStorage.getItem(key);
        return choices.find((choice) => choice === stored);
      } catch {
        return undefined;
      }
    },
    write(choice) {
      try {
        localStorage.setItem(key, choice);
      } catch {
        // Private windows and strict settings forbid it; the choice then lasts as long as the page.
      }
    },
  };
}
