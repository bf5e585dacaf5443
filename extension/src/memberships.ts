import { type StudentCredential, studentCredentialSchema } from "@cell-monitor/protocol";
import * as v from "valibot";

/** The part of `localStorage` that is used. */
export type KeyValueStore = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/**
 * What joining returned, kept over reloads in the browser, never in settings: those may be shared. Named by all that
 * tells two students of one origin apart, since every user of a JupyterHub may have the same.
 */
export class Memberships {
  readonly #store: KeyValueStore;
  readonly #baseUrl: string;

  constructor(store: KeyValueStore, baseUrl: string) {
    this.#store = store;
    this.#baseUrl = baseUrl;
  }

  keyOf(server: string, joinCode: string): string {
    return `cell-monitor:${JSON.stringify([this.#baseUrl, server, joinCode])}`;
  }

  load(key: string): StudentCredential | undefined {
    try {
      const kept = v.safeParse(studentCredentialSchema, JSON.parse(this.#store.getItem(key) ?? "null"));
      return kept.success ? kept.output : undefined;
    } catch {
      return undefined;
    }
  }

  /** What was given to somebody of that name: on a computer that several use, another name is another student. */
  loadOf(key: string, userName: string): StudentCredential | undefined {
    try {
      return this.#store.getItem(nameKeyOf(key)) === userName ? this.load(key) : undefined;
    } catch {
      return undefined;
    }
  }

  /**
   * A browser that keeps nothing costs a new join at the next reload, not this one.
   * @param userName who has joined; absent where a credential is only renewed
   */
  save(key: string, credential: StudentCredential, userName?: string): void {
    try {
      this.#store.setItem(key, JSON.stringify(credential));
      if (userName !== undefined) this.#store.setItem(nameKeyOf(key), userName);
    } catch {
      return;
    }
  }

  forget(key: string): void {
    this.#store.removeItem(key);
    this.#store.removeItem(nameKeyOf(key));
  }
}

function nameKeyOf(key: string): string {
  return `${key}:name`;
}
