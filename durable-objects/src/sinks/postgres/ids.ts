import { keyText, naturalId } from "@cell-monitor/protocol";

const rememberedIds = 20_000;

/** Ids of one class's rows, made of what names them; those that many events share are made once. */
export class ClassIds {
  readonly #classId: string;
  readonly #remembered = new Map<string, string>();

  constructor(classId: string) {
    this.#classId = classId;
  }

  /** For what one event names. */
  once(kind: string, ...key: readonly string[]): string {
    return naturalId(kind, this.#classId, ...key);
  }

  /** For what events name again and again. */
  shared(kind: string, ...key: readonly string[]): string {
    const name = keyText(kind, ...key);
    let id = this.#remembered.get(name);
    if (id === undefined) {
      if (this.#remembered.size >= rememberedIds) this.#remembered.clear();
      id = naturalId(kind, this.#classId, ...key);
      this.#remembered.set(name, id);
    }
    return id;
  }
}
