import type { KeyValueStore } from "../src/memberships.ts";

export class FakeStorage implements KeyValueStore {
  /** Refuses to keep anything, as a private window may. */
  isFull = false;
  readonly #items = new Map<string, string>();

  getItem(key: string): string | null {
    return this.#items.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    if (this.isFull) throw new DOMException("full", "QuotaExceededError");
    this.#items.set(key, value);
  }

  removeItem(key: string): void {
    this.#items.delete(key);
  }
}
