import type { Entity, SinkData } from "@cell-monitor/protocol";
import * as v from "valibot";
import { type LoggedEvent, type Sink, type SinkName, sinkNames } from "../../sinks/sink.ts";
import type { DeadLetters } from "../storage/dead-letters.ts";
import type { Log } from "../storage/log.ts";
import type { Meta } from "../storage/meta.ts";
import { drainBatchEvents, SinkLoop } from "./sink-loop.ts";

const cursorsSchema = v.record(v.picklist(sinkNames), v.number());

export interface DrainerDeps {
  readonly log: Log;
  readonly meta: Meta;
  readonly deadLetters: DeadLetters;
  readonly sinks: readonly Sink[];
  now(): number;
  random(): number;
  version(): number;
  /** A sink's standing changed. */
  changed(): void;
  report(message: string, details: Record<string, unknown>): void;
}

/** All stores of a class, each with a loop of its own. Their cursors share one row. */
export class Drainer {
  readonly #deps: DrainerDeps;
  readonly #loops: readonly SinkLoop[];
  #cursors: Partial<Record<SinkName, number>>;

  constructor(deps: DrainerDeps) {
    this.#deps = deps;
    this.#cursors = deps.meta.read("cursors", cursorsSchema) ?? {};
    this.#loops = deps.sinks.map(
      (sink) =>
        new SinkLoop(
          {
            sink,
            now: deps.now,
            random: deps.random,
            read: (version, limit) => this.#read(version, limit),
            saveCursor: (name, version) => this.#saveCursor(name, version),
            deadLetter: (name, event, reason) => deps.deadLetters.add(name, event, reason, deps.now()),
            changed: deps.changed,
            log: deps.report,
          },
          this.#cursors[sink.name] ?? 0,
        ),
    );
  }

  /** Whether so much is pending for a sink that it should not wait for its time. */
  get isFull(): boolean {
    return this.#loops.some((loop) => !loop.failing && this.#deps.version() - loop.cursor >= drainBatchEvents);
  }

  /** Version that every sink has; what is above must be kept. */
  get drainedVersion(): number {
    return Math.min(this.#deps.version(), ...this.#loops.map(({ cursor }) => cursor));
  }

  /** When each sink with something pending must run, Unix ms. */
  deadlines(): number[] {
    return this.#loops.flatMap((loop) => {
      const oldestMs = this.#deps.log.oldestAfter(loop.cursor);
      return oldestMs === undefined ? [] : [loop.dueMs(oldestMs)];
    });
  }

  async run(untilMs: number): Promise<void> {
    await Promise.all(this.#loops.map((loop) => loop.run(untilMs)));
  }

  entities(): Entity[] {
    const version = this.#deps.version();
    return this.#loops.map((loop) => {
      const data: SinkData = {
        behind: version - loop.cursor,
        failing: loop.failing,
        deadLetters: this.#deps.deadLetters.count(loop.name),
      };
      return { kind: "sink", id: loop.name, version, data };
    });
  }

  #read(version: number, limit: number): LoggedEvent[] {
    return Array.from(this.#deps.log.after(version, limit)).flatMap(({ events }) => events).slice(0, limit);
  }

  #saveCursor(name: SinkName, version: number): void {
    this.#cursors = { ...this.#cursors, [name]: version };
    this.#deps.meta.write("cursors", this.#cursors);
  }
}
