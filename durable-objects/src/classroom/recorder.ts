import type { LoggedEvent } from "../sinks/sink.ts";
import { type Batch, decide, type Decision, type StampedEvent } from "./ingest/decide.ts";
import { type ClassState, newClassState, parseState, serializeState } from "./state/class-state.ts";
import { type Changes, fold, noChanges } from "./state/fold.ts";
import { unnamedHelp } from "./state/folds/help.ts";
import { isOpen } from "./state/student-state.ts";
import { isCheckpointDue, readCheckpoint, UnnumberedIds, writeCheckpoint } from "./storage/checkpoint.ts";
import type { Log } from "./storage/log.ts";

export interface RecorderDeps {
  readonly storage: DurableObjectStorage;
  readonly log: Log;
  now(): number;
  stuckAfterErrors(): number;
}

export interface Committed {
  readonly decisions: readonly Decision[];
  readonly changes: Changes;
}

/** Writes what arrives to the log and folds it into the state, and restores the state from both. */
export class Recorder {
  readonly #deps: RecorderDeps;
  readonly #unnumbered: UnnumberedIds;
  readonly #tail = { events: 0, size: 0 };
  readonly state: ClassState;
  #checkpointSize = 0;

  constructor(deps: RecorderDeps) {
    this.#deps = deps;
    this.#unnumbered = new UnnumberedIds(deps.storage.sql);
    this.state = this.#restore();
  }

  /** Commits several batches as one row. What throws leaves memory and disk apart: the caller starts over. */
  commit(batches: readonly Batch[]): Committed {
    const { state } = this;
    const logged: LoggedEvent[] = [];
    const changes = noChanges();
    const received = { sessions: state.sessions, unnumbered: this.#unnumbered };
    let { version } = state;
    const decisions = batches.map((batch) =>
      decide(
        received,
        batch,
        (event) => this.#noteRepeat(event, changes),
        (event) => {
          version += 1;
          logged.push({ ...event, version });
        },
      ),
    );
    if (logged.length === 0) return { decisions, changes };
    const nowMs = this.#deps.now();
    const size = this.#deps.storage.transactionSync(() => this.#deps.log.append(logged, nowMs));
    this.#foldAll(logged, changes);
    this.#tail.events += logged.length;
    this.#tail.size += size;
    if (isCheckpointDue(this.#tail, this.#checkpointSize)) this.#checkpoint(nowMs);
    return { decisions, changes };
  }

  #checkpoint(nowMs: number): void {
    this.#deps.storage.transactionSync(() => {
      this.#checkpointSize = writeCheckpoint(this.#deps.storage.sql, serializeState(this.state));
      this.#unnumbered.checkpoint(nowMs);
    });
    this.#tail.events = 0;
    this.#tail.size = 0;
  }

  /** A raised hand that reminds is a sign of life and nothing more, unless its client numbers it. */
  #noteRepeat({ event, studentId, timeMs }: StampedEvent, changes: Changes): boolean {
    if (event.eventType !== "help") return false;
    const student = this.state.students.get(studentId);
    const help = student?.helps.find(({ helpId }) => helpId === (event.helpId ?? unnamedHelp));
    if (!student || !help || !isOpen(help)) return false;
    // A reminder from before the hand was lowered must not pass for a new one, nor the other way round.
    if (help.raised && timeMs < help.raised[0]) return false;
    student.seenMs = Math.max(student.seenMs, timeMs);
    changes.students.add(studentId);
    return true;
  }

  #restore(): ClassState {
    const text = readCheckpoint(this.#deps.storage.sql);
    const state = text === undefined ? newClassState() : parseState(text);
    this.#checkpointSize = text?.length ?? 0;
    for (const { events, size } of this.#deps.log.after(state.version)) {
      this.#foldTail(state, events);
      this.#tail.events += events.length;
      this.#tail.size += size;
    }
    return state;
  }

  /** The tail was decided on when it was written: here its numbers only have to be known again. */
  #foldTail(state: ClassState, events: readonly LoggedEvent[]): void {
    const changes = noChanges();
    const received = { sessions: state.sessions, unnumbered: this.#unnumbered };
    for (const logged of events) {
      const batch = { receivedMs: logged.receivedMs, refused: [], events: [{ ...logged, index: 0 }] };
      decide(received, batch, () => false, () => {});
      fold(logged, { state, changes, stuckAfterErrors: this.#deps.stuckAfterErrors() });
    }
  }

  #foldAll(events: readonly LoggedEvent[], changes: Changes): void {
    const stuckAfterErrors = this.#deps.stuckAfterErrors();
    for (const logged of events) fold(logged, { state: this.state, changes, stuckAfterErrors });
  }
}
