import {
  accept,
  limits,
  refuse,
  type ReplayResponse,
  type Result,
  type SinkName,
} from "@cell-monitor/protocol";
import type { LoggedEvent, SinkOutcome } from "../../sinks/sink.ts";
import type { DeadLetters, LetterChoice } from "../storage/dead-letters.ts";

/** A replay begins no further write after this. */
export const replayBudgetMs = 20_000;

export interface ReplayerDeps {
  readonly letters: Pick<DeadLetters, "pick" | "read" | "refused" | "remove">;
  /** Writes one event alone. Never rejects. */
  write(sink: SinkName, event: LoggedEvent): Promise<SinkOutcome>;
  now(): number;
  /** The number of letters changed. */
  changed(): void;
}

/** Offers dead letters to their stores again, each alone, and one replay at a time to each store. */
export class Replayer {
  readonly #deps: ReplayerDeps;
  readonly #busy = new Set<SinkName>();

  constructor(deps: ReplayerDeps) {
    this.#deps = deps;
  }

  /** Letters that are written go; those that are refused again stay, with the new reason. */
  async replay(choice: LetterChoice): Promise<Result<ReplayResponse>> {
    const picked = this.#deps.letters.pick(choice, limits.replayLetters);
    const idsBySink = Map.groupBy(picked, ({ sink }) => sink);
    if ([...idsBySink.keys()].some((sink) => this.#busy.has(sink))) {
      return refuse("conflict", "A replay to that store is under way; ask again when it is done.");
    }
    const untilMs = this.#deps.now() + replayBudgetMs;
    const parts = await Promise.all(
      Array.from(idsBySink, ([sink, letters]) =>
        this.#replayTo(
          sink,
          letters.map(({ id }) => id),
          untilMs,
        ),
      ),
    );
    const replayed = parts.reduce((sum, part) => sum + part.replayed, 0);
    return accept({ replayed, kept: parts.flatMap(({ kept }) => kept) });
  }

  async #replayTo(sink: SinkName, ids: readonly number[], untilMs: number): Promise<ReplayResponse> {
    const { letters, write, now, changed } = this.#deps;
    const done: ReplayResponse = { replayed: 0, kept: [] };
    let stopped: string | undefined;
    this.#busy.add(sink);
    try {
      for (const id of ids) {
        if (now() >= untilMs) stopped ??= "There was no time left.";
        if (stopped !== undefined) {
          done.kept.push({ id, reason: `Not tried: ${stopped}` });
          continue;
        }
        const event = letters.read(id);
        if (!event) continue;
        const outcome = await write(sink, event);
        if (outcome.kind === "written") {
          letters.remove(id);
          done.replayed += 1;
          continue;
        }
        done.kept.push({ id, reason: outcome.reason });
        // A store that is away has said nothing of this event, and will say nothing of the next.
        if (outcome.kind === "retry") stopped = outcome.reason;
        else letters.refused(id, outcome.reason, now());
      }
    } finally {
      this.#busy.delete(sink);
      changed();
    }
    return done;
  }
}
