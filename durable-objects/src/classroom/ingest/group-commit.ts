import type { Batch } from "@cell-monitor/protocol";
import type { Decision } from "./decide.ts";

interface Waiting {
  readonly batch: Batch;
  readonly resolve: (decision: Decision) => void;
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
  #running = false;

  constructor(deps: GroupCommitDeps) {
    this.#deps = deps;
  }

  add(batch: Batch): Promise<Decision> {
    const { promise, resolve, reject } = Promise.withResolvers<Decision>();
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
    try {
      const decisions = this.#deps.commit(group.map(({ batch }) => batch));
      for (const [index, decision] of decisions.entries()) group[index]?.resolve(decision);
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
