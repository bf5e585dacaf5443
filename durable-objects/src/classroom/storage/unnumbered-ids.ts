import { limits } from "@cell-monitor/protocol";
import * as v from "valibot";

/** So that a row stays far below what the platform takes as one value. */
const idsPerRow = 2_000;
const idsSchema = v.array(v.string());

/** The ids of un-numbered events, one row a checkpoint, for as long as they are told from repeats. */
export class UnnumberedIds {
  readonly #sql: SqlStorage;
  readonly #maxIds: number;
  readonly #fresh: string[] = [];
  /** Those on disk and those that are not yet, the oldest first. */
  #known: Set<string> | undefined;
  /** Of the ids on disk: their rows and how many each has, the oldest first. */
  #rows: { readonly key: number; readonly ids: number }[] = [];

  constructor(sql: SqlStorage, maxIds: number = limits.unnumberedMemoryIds) {
    this.#sql = sql;
    this.#maxIds = maxIds;
  }

  /** Read only when the first un-numbered event asks: our own client numbers all of its events. */
  has(studentId: string, eventId: string): boolean {
    return this.#load().has(`${studentId}/${eventId}`);
  }

  add(studentId: string, eventId: string): void {
    const key = `${studentId}/${eventId}`;
    // Not loaded for this: on waking the tail is recalled, and nobody may ever ask.
    this.#known?.add(key);
    this.#fresh.push(key);
  }

  /** What is on disk was changed by others. To be checkpointed first. */
  reload(): void {
    this.#known = undefined;
    this.#rows = [];
  }

  /** Stores what was added since the last call, and forgets what is old, and the oldest of too many. */
  checkpoint(nowMs: number): void {
    const oldestMs = nowMs - limits.unnumberedMemoryMs;
    const { last } = this.#sql
      .exec<{ last: number | null }>("SELECT max(received_ms) AS last FROM unnumbered")
      .one();
    let key = Math.max(nowMs, (last ?? 0) + 1);
    while (this.#fresh.length > 0) {
      const ids = this.#fresh.splice(0, idsPerRow);
      this.#sql.exec("INSERT INTO unnumbered (received_ms, body) VALUES (?, ?)", key, JSON.stringify(ids));
      if (this.#known) this.#rows.push({ key, ids: ids.length });
      key += 1;
    }
    const forgottenMs = Math.max(oldestMs, this.#forget(oldestMs));
    if (last !== null) this.#sql.exec("DELETE FROM unnumbered WHERE received_ms < ?", forgottenMs);
  }

  /** Forgets in memory. @returns what on disk is older than what is left, Unix ms */
  #forget(oldestMs: number): number {
    const known = this.#known;
    if (!known) return 0;
    const gone = this.#rows.findIndex(({ key }) => key >= oldestMs);
    let rows = gone < 0 ? this.#rows.length : gone;
    let left = known.size - this.#rows.slice(0, rows).reduce((sum, { ids }) => sum + ids, 0);
    for (; rows < this.#rows.length && left > this.#maxIds; rows += 1) left -= this.#rows[rows]?.ids ?? 0;
    let count = known.size - left;
    for (const id of known) {
      if (count <= 0) break;
      known.delete(id);
      count -= 1;
    }
    this.#rows = this.#rows.slice(rows);
    return this.#rows[0]?.key ?? 0;
  }

  #load(): Set<string> {
    if (!this.#known) {
      const stored = this.#sql
        .exec<{ key: number; body: string }>(
          "SELECT received_ms AS key, body FROM unnumbered ORDER BY received_ms",
        )
        .toArray()
        .map(({ key, body }) => ({ key, ids: v.parse(idsSchema, JSON.parse(body)) }));
      this.#known = new Set([...stored.flatMap(({ ids }) => ids), ...this.#fresh]);
      this.#rows = stored.map(({ key, ids }) => ({ key, ids: ids.length }));
    }
    return this.#known;
  }
}
