import type { Batch, RefusedNumber, StampedEvent } from "@cell-monitor/protocol";
import type { LoggedEvent } from "../sinks/sink.ts";
import { decide, type Decision, recall } from "./ingest/decide.ts";
import type { ClassStorage } from "./platform.ts";
import { type ClassState, newClassState, parseState, serializeState } from "./state/class-state.ts";
import { fold } from "./state/fold.ts";
import { type Changes, noChanges } from "./state/fold-context.ts";
import { unnamedHelp } from "./state/folds/help.ts";
import { raisedMs } from "./state/student-state.ts";
import { isCheckpointDue, readCheckpoint, UnnumberedIds, writeCheckpoint } from "./storage/checkpoint.ts";
import type { Log } from "./storage/log.ts";
import { RefusedNumbers } from "./storage/refused-numbers.ts";

export interface RecorderDeps {
  readonly storage: ClassStorage;
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
  readonly #refused: RefusedNumbers;
  readonly state: ClassState;
  #checkpointSize = 0;

  constructor(deps: RecorderDeps) {
    this.#deps = deps;
    this.#unnumbered = new UnnumberedIds(deps.storage.sql);
    this.#refused = new RefusedNumbers(deps.storage.sql);
    this.state = this.#restore();
  }

  /** Commits several batches as one row. What throws leaves memory and disk apart: the caller starts over. */
  commit(batches: readonly Batch[]): Committed {
    const { state } = this;
    const logged: LoggedEvent[] = [];
    const refused: RefusedNumber[] = [];
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
        (number) => {
          refused.push(number);
          // What is missing of the student's session may be another now.
          changes.students.add(number.studentId);
        },
      ),
    );
    if (logged.length === 0 && refused.length === 0) return { decisions, changes };
    const nowMs = this.#deps.now();
    // Folding is inside: what it cannot take must not be in the log, where it would be met again on every waking.
    this.#deps.storage.transactionSync(() => {
      this.#tail.size += this.#deps.log.append(logged, nowMs) + this.#refused.add(refused);
      this.#tail.events += logged.length + refused.length;
      this.#fold(state, logged, changes);
      if (isCheckpointDue(this.#tail, this.#checkpointSize)) this.#writeCheckpoint(nowMs);
    });
    return { decisions, changes };
  }

  /** Drops days of the log that are over and done with. What they say lives on in the checkpoint. */
  drop(days: readonly number[]): void {
    if (days.length === 0) return;
    this.#deps.storage.transactionSync(() => {
      this.#writeCheckpoint(this.#deps.now());
      this.#deps.log.drop(days);
    });
  }

  #writeCheckpoint(nowMs: number): void {
    this.#checkpointSize = writeCheckpoint(this.#deps.storage.sql, serializeState(this.state));
    this.#unnumbered.checkpoint(nowMs);
    this.#refused.clear();
    this.#tail.events = 0;
    this.#tail.size = 0;
  }

  /** A raised hand that reminds is a sign of life and nothing more, unless its client numbers it. */
  #noteRepeat({ event, studentId, timeMs }: StampedEvent, changes: Changes): boolean {
    if (event.eventType !== "help") return false;
    const student = this.state.students.get(studentId);
    const help = student?.helps.find(({ helpId }) => helpId === (event.helpId ?? unnamedHelp));
    const sinceMs = help && raisedMs(help);
    // A reminder from before the hand was raised may be of an earlier raising, of which the log must know.
    if (!student || sinceMs === undefined || timeMs < sinceMs) return false;
    student.seenMs = Math.max(student.seenMs, timeMs);
    changes.students.add(studentId);
    return true;
  }

  #restore(): ClassState {
    const text = readCheckpoint(this.#deps.storage.sql);
    const state = text === undefined ? newClassState() : parseState(text);
    this.#checkpointSize = text?.length ?? 0;
    const received = { sessions: state.sessions, unnumbered: this.#unnumbered };
    recall(received, [], this.#refused.all());
    for (const { events, size } of this.#deps.log.after(state.version)) {
      // The tail was decided on when it was written: here it only has to be known again.
      recall(received, events, []);
      this.#fold(state, events, noChanges());
      this.#tail.events += events.length;
      this.#tail.size += size;
    }
    return state;
  }

  #fold(state: ClassState, events: readonly LoggedEvent[], changes: Changes): void {
    const stuckAfterErrors = this.#deps.stuckAfterErrors();
    for (const logged of events) fold(logged, { state, changes, stuckAfterErrors });
  }
}
