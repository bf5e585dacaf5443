import {
  type Entity,
  type ReplayResponse,
  type Result,
  type SinkData,
  type SinkName,
  sinkNames,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import type { LoggedEvent, Sink, SinkOutcome } from "../../sinks/sink.ts";
import type { DeadLetters, LetterChoice } from "../storage/dead-letters.ts";
import type { Log } from "../storage/log.ts";
import type { Meta } from "../storage/meta.ts";
import { Forgetter } from "./forgetter.ts";
import { Replayer } from "./replayer.ts";
import { drainBatchEvents, SinkLoop } from "./sink-loop.ts";

/** In UTF-16 units: large events are given to a sink in smaller batches, so that memory is bounded. */
const drainBatchSize = 1024 * 1024;

const cursorsSchema = v.record(v.picklist(sinkNames), v.number());

export interface DrainerDeps {
  readonly log: Log;
  readonly meta: Meta;
  readonly deadLetters: DeadLetters;
  readonly sinks: readonly Sink[];
  now(): number;
  random(): number;
  /** Calls back once after a delay; answers how to call it off. */
  after(delayMs: number, callback: () => void): () => void;
  version(): number;
  /** A sink's standing changed. */
  changed(): void;
  report(message: string, details: Record<string, unknown>): void;
}

/** All stores of a class, each with a loop of its own. Their cursors share one row. */
export class Drainer {
  readonly #deps: DrainerDeps;
  readonly #loops: readonly SinkLoop[];
  readonly #replayer: Replayer;
  readonly #forgetter: Forgetter;
  /** Arrival of the oldest event after a cursor, which stays what it is until the cursor moves. */
  readonly #oldest = new Map<SinkName, { cursor: number; receivedMs: number }>();
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
            after: deps.after,
            read: (version, limit) => this.#read(version, limit),
            saveCursor: (name, version) => this.#saveCursor(name, version),
            deadLetter: (name, event, reason) => deps.deadLetters.add(name, event, reason, deps.now()),
            changed: deps.changed,
            log: deps.report,
          },
          this.#cursors[sink.name] ?? 0,
        ),
    );
    this.#forgetter = new Forgetter(deps);
    this.#replayer = new Replayer({
      letters: deps.deadLetters,
      write: (name, event) => this.#writeAlone(name, event),
      now: deps.now,
      changed: deps.changed,
    });
  }

  /** Whether so much is pending for a sink that it should not wait for its time. */
  get isFull(): boolean {
    return this.#loops.some(
      (loop) => !loop.failing && this.#deps.version() - loop.cursor >= drainBatchEvents,
    );
  }

  /** Version that every sink has; what is above must be kept. */
  get drainedVersion(): number {
    return Math.min(this.#deps.version(), ...this.#loops.map(({ cursor }) => cursor));
  }

  /** When each sink with something pending must run, and when there is something to forget, Unix ms. */
  deadlines(): number[] {
    const loops = this.#loops.flatMap((loop) => {
      const oldestMs = this.#oldestPendingMs(loop);
      return oldestMs === undefined ? [] : [loop.dueMs(oldestMs)];
    });
    const forgetMs = this.#forgetter.dueMs();
    return forgetMs === undefined ? loops : [...loops, forgetMs];
  }

  /** Has the stores forget what is older, Unix ms. */
  forget(beforeMs: number): void {
    this.#forgetter.order(beforeMs);
  }

  async run(untilMs: number): Promise<void> {
    await Promise.all([...this.#loops.map((loop) => loop.run(untilMs)), this.#forgetter.run(untilMs)]);
  }

  /** Resolves once nothing that was read before is on its way to a store. */
  async settled(): Promise<void> {
    await Promise.all(this.#loops.map((loop) => loop.settled()));
  }

  /** Offers dead letters to their stores again. */
  replay(choice: LetterChoice): Promise<Result<ReplayResponse>> {
    return this.#replayer.replay(choice);
  }

  entities(): Entity[] {
    const version = this.#deps.version();
    return this.#loops.map((loop) => {
      const data: SinkData = {
        behind: version - loop.cursor,
        failing: this.#isFailing(loop),
        deadLetters: this.#deps.deadLetters.count(loop.name),
      };
      return { kind: "sink", id: loop.name, version, data };
    });
  }

  #oldestPendingMs({ name, cursor }: SinkLoop): number | undefined {
    if (cursor >= this.#deps.version()) return undefined;
    const known = this.#oldest.get(name);
    if (known?.cursor === cursor) return known.receivedMs;
    const receivedMs = this.#deps.log.oldestAfter(cursor);
    if (receivedMs !== undefined) this.#oldest.set(name, { cursor, receivedMs });
    return receivedMs;
  }

  /** A store that lacks nothing is not failing, whatever its last run met: nothing would find out that it is back. */
  #isFailing(loop: SinkLoop): boolean {
    return loop.failing && loop.cursor < this.#deps.version();
  }

  async #writeAlone(name: SinkName, event: LoggedEvent): Promise<SinkOutcome> {
    const loop = this.#loops.find((other) => other.name === name);
    if (!loop) return { kind: "retry", reason: "The store is not set up." };
    // It may have asked for time, and its loop finds out when it is back.
    if (this.#isFailing(loop)) return { kind: "retry", reason: "The store does not answer at present." };
    return loop.write([event]);
  }

  #read(version: number, limit: number): LoggedEvent[] {
    const rows = Array.from(this.#deps.log.after(version, limit, drainBatchSize));
    return rows.flatMap(({ events }) => events).slice(0, limit);
  }

  #saveCursor(name: SinkName, version: number): void {
    // Believed once it is written: the next one to be saved must not bring along what could not be.
    const cursors = { ...this.#cursors, [name]: version };
    this.#deps.meta.write("cursors", cursors);
    this.#cursors = cursors;
  }
}
