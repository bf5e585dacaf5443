import { type ClassEvent, limits, sinkNames } from "@cell-monitor/protocol";
import type { LoggedEvent } from "../../durable-objects/src/sinks/sink.ts";
import type { Disk, Value } from "./disk.ts";
import type { StoreWatch } from "./store.ts";
import type { World } from "./world.ts";

interface LogRow {
  readonly day: number;
  readonly first: number;
  readonly last: number;
  readonly body: string;
}

/** What makes an event the same as another. */
export function keyOf(studentId: string, { sessionId, sequence, eventId }: ClassEvent): string {
  return sessionId !== undefined && sequence !== undefined
    ? `${studentId}/${sessionId}/${sequence}`
    : `${studentId}/${eventId}`;
}

/** Reads whatever becomes durable, and knows it from then on, whatever the class does with it later. */
export class LogWatch {
  readonly rows: LogRow[] = [];
  /** Events by what makes them the same. */
  readonly events = new Map<string, LoggedEvent>();
  readonly byVersion: LoggedEvent[] = [];
  /** By sink, the versions that were ever dead letters, with a reason. */
  readonly letters = new Map<string, Set<number>>(sinkNames.map((name) => [name, new Set()]));
  readonly #world: World;
  readonly #disk: Disk;
  readonly #stores: readonly StoreWatch[];
  readonly #cursors = new Map<string, number>();
  #isReady = false;

  constructor(world: World, disk: Disk, stores: readonly StoreWatch[]) {
    this.#world = world;
    this.#disk = disk;
    this.#stores = stores;
  }

  get version(): number {
    return this.byVersion.length;
  }

  cursor(sink: string): number {
    return this.#cursors.get(sink) ?? 0;
  }

  /**
   * Looks at what has just become durable.
   * @param presentMs when a student was last there
   */
  look(presentMs: (studentId: string) => number = () => 0): void {
    if (!this.#isReady) {
      const made = this.#disk.run("SELECT name FROM sqlite_master WHERE name = 'dead_letters'");
      if (made.length === 0) return;
      this.#isReady = true;
    }
    const tables = this.#disk.run(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB 'log_*'",
    );
    const days = tables.map(({ name }) => Number(String(name).slice("log_".length))).sort((a, b) => a - b);
    for (const day of days) {
      const query = `SELECT first, last, body FROM log_${day} WHERE last > ? ORDER BY first`;
      for (const row of this.#disk.run(query, this.version)) this.#take(day, row, presentMs);
    }
    this.#lookAtCursors();
  }

  #take(day: number, row: Record<string, Value>, presentMs: (studentId: string) => number): void {
    const [first, last, body] = [Number(row["first"]), Number(row["last"]), String(row["body"])];
    if (first !== this.version + 1) {
      this.#world.broken(`the log goes on at ${first} after ${this.version}`);
      return;
    }
    this.rows.push({ day, first, last, body });
    const { events }: { events: { s: string; r: number; t: number; e: ClassEvent }[] } = JSON.parse(body);
    if (events.length !== last - first + 1)
      this.#world.broken(`a row of ${events.length} says ${first}–${last}`);
    for (const { s, r, t, e } of events) {
      const logged = { version: this.version + 1, studentId: s, receivedMs: r, timeMs: t, event: e };
      const key = keyOf(s, e);
      const twin = this.events.get(key);
      if (twin) this.#world.broken(`${key} is logged twice, as ${twin.version} and ${logged.version}`);
      this.events.set(key, logged);
      const awayMs = r - presentMs(s);
      if (e.eventType === "help_stop" && e.reason === "expired" && awayMs < limits.helpExpiresMs - 1_000) {
        this.#world.broken(`the hand of ${s} is lowered ${awayMs} ms after they were last there`);
      }
      this.byVersion.push(logged);
    }
    const types = events.slice(0, 4).map(({ s, e }) => `${s} ${e.eventType} ${e.helpId ?? ""}`);
    this.#world.note(`durable ${first}–${last}: ${types.join(", ")}`);
  }

  #lookAtCursors(): void {
    const [row] = this.#disk.run("SELECT value FROM meta WHERE key = 'cursors'");
    if (!row) return;
    const cursors: Record<string, number> = JSON.parse(String(row["value"]));
    for (const store of this.#stores) {
      const cursor = cursors[store.name] ?? 0;
      const known = this.cursor(store.name);
      if (cursor === known) continue;
      if (cursor < known)
        this.#world.broken(`the cursor of ${store.name} went back from ${known} to ${cursor}`);
      if (cursor > this.version) this.#world.broken(`the cursor of ${store.name} is ahead of the log`);
      this.#lookAtLetters(store.name);
      for (let version = known + 1; version <= cursor; version += 1) {
        if (store.has(version) || this.letters.get(store.name)?.has(version)) continue;
        this.#world.broken(`the cursor of ${store.name} is at ${cursor}, and ${version} is not in it`);
      }
      this.#cursors.set(store.name, cursor);
    }
  }

  #lookAtLetters(sink: string): void {
    const query = "SELECT version, reason FROM dead_letters WHERE sink = ?";
    for (const { version, reason } of this.#disk.run(query, sink)) {
      if (String(reason) === "") this.#world.broken(`dead letter ${String(version)} has no reason`);
      this.letters.get(sink)?.add(Number(version));
    }
  }
}
