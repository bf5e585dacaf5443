import { accept, type Batch, refuse, type Result } from "@cell-monitor/protocol";
import type { Decision } from "./decide.ts";

/**
 * What may wait for the disk. A commit takes some 10 ms, so that these many are seconds behind: who sends more sends
 * faster than the object can take, and what it takes on must fit into the memory of 128 MB with what the class knows.
 * Three hundred students who come back from an outage may send a full batch each at once.
 */
const maxWaiting: Load = { batches: 10_000, events: 30_000, units: 16 * 1024 * 1024 };
/** Of an event whose batch says nothing of its size. */
const usualEventUnits = 512;
const retryAfterMs = 2_000;

interface Load {
  readonly batches: number;
  readonly events: number;
  /** Of the text that the batches came as, in UTF-16 units. */
  readonly units: number;
}

const nothing: Load = { batches: 0, events: 0, units: 0 };

interface Waiting {
  readonly batch: Batch;
  readonly resolve: (decision: Result<Decision>) => void;
  readonly reject: (reason: unknown) => void;
}

export interface GroupCommitDeps {
  /** Decides, writes and folds all batches as one; its answers are in the batches' order. Synchronous. */
  commit(batches: readonly Batch[]): readonly Decision[];
  /** Resolves once everything written so far is on disk. */
  sync(): Promise<void>;
  /** Resolves after the messages that have already arrived have been handed over. */
  nextTurn(): Promise<void>;
  /** The memory may no longer be what the disk says: start over from the disk. */
  abort(reason: unknown): void;
}

/**
 * Collects what arrives while the disk is busy into one commit, so that the disk sets the pace and a burst costs one
 * row. Answers are given in the committing turn; the platform's output gate holds them until the row is on disk.
 */
export class GroupCommit {
  readonly #deps: GroupCommitDeps;
  #waiting: Waiting[] = [];
  #load = nothing;
  #running = false;

  constructor(deps: GroupCommitDeps) {
    this.#deps = deps;
  }

  /** Refused where too much waits already, unless nothing does. */
  add(batch: Batch): Promise<Result<Decision>> {
    const load = sum(this.#load, loadOf(batch));
    if (this.#waiting.length > 0 && exceeds(load, maxWaiting)) return Promise.resolve(tooMuch);
    const { promise, resolve, reject } = Promise.withResolvers<Result<Decision>>();
    this.#load = load;
    this.#waiting.push({ batch, resolve, reject });
    if (!this.#running) void this.#run();
    return promise;
  }

  async #run(): Promise<void> {
    this.#running = true;
    try {
      await this.#deps.nextTurn();
      while (this.#waiting.length > 0) {
        this.#commitAll();
        await this.#deps.sync();
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#running = false;
    }
  }

  #commitAll(): void {
    const group = this.#waiting;
    this.#waiting = [];
    this.#load = nothing;
    try {
      const decisions = this.#deps.commit(group.map(({ batch }) => batch));
      for (const [index, decision] of decisions.entries()) group[index]?.resolve(accept(decision));
    } catch (error) {
      for (const { reject } of group) reject(error);
      throw error;
    }
  }

  #fail(error: unknown): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
    this.#deps.abort(error);
  }
}

const tooMuch = refuse("rate_limited", "More arrives than can be written; send the same again in a moment.", {
  retryAfterMs,
});

function loadOf({ events, refused, units }: Batch): Load {
  return {
    batches: 1,
    events: events.length + refused.length,
    units: units ?? events.length * usualEventUnits,
  };
}

function sum(a: Load, b: Load): Load {
  return { batches: a.batches + b.batches, events: a.events + b.events, units: a.units + b.units };
}

function exceeds(a: Load, b: Load): boolean {
  return a.batches > b.batches || a.events > b.events || a.units > b.units;
}
