import type { Batch, RefusedNumber, StampedEvent } from "@cell-monitor/protocol";
import * as v from "valibot";
import { eventRegistry } from "../event-types/registry.ts";
import type { LoggedEvent } from "../sinks/sink.ts";
import { decide, type Decision, recall } from "./ingest/decide.ts";
import { type Lesson, lessonSchema } from "./lesson.ts";
import type { ClassStorage } from "./platform.ts";
import { type ErasedFromClass, eraseRows, eraseState } from "./privacy/erase.ts";
import { setLesson } from "./state/board/board.ts";
import { mergeBoardChanges } from "./state/board/board-state.ts";
import { type CatchUp, ClassState } from "./state/class-state.ts";
import { fold, foldStudent, foldTogether } from "./state/fold.ts";
import { isWaitedFor } from "./state/completeness.ts";
import { type Changes, noChanges } from "./state/fold-context.ts";
import { unnamedHelp } from "./state/folds/help.ts";
import { raisedMs } from "./state/student-state.ts";
import { isCheckpointDue, readCheckpoint, writeCheckpoint } from "./storage/checkpoint.ts";
import type { Log } from "./storage/log.ts";
import { RefusedNumbers } from "./storage/refused-numbers.ts";
import { Sessions } from "./storage/sessions.ts";
import { UnnumberedIds } from "./storage/unnumbered-ids.ts";

/** So that making room never holds up for long what arrives. */
const rowsDeletedAtOnce = 2_000;

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
  /** What the class has of every session; the state holds those heard of lately. */
  readonly sessions: Sessions;
  #checkpointSize = 0;

  constructor(deps: RecorderDeps) {
    this.#deps = deps;
    const { sql } = deps.storage;
    this.#unnumbered = new UnnumberedIds(sql);
    this.#refused = new RefusedNumbers(sql);
    this.state = new ClassState(readCheckpoint(deps.storage));
    this.#checkpointSize = this.state.storedSize;
    this.sessions = new Sessions(sql, this.state.sessions);
    this.#takeTail();
  }

  /** Commits several batches as one row. What throws leaves memory and disk apart: the caller starts over. */
  commit(batches: readonly Batch[]): Committed {
    const { state } = this;
    const logged: LoggedEvent[] = [];
    const refused: RefusedNumber[] = [];
    const changes = noChanges();
    const received = { sessions: this.sessions, unnumbered: this.#unnumbered };
    let { version } = state;
    const decisions = batches.map((batch) =>
      decide(
        received,
        batch,
        (event) => this.#noteRepeat(event, batch.receivedMs, changes),
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

  /** Takes over the class's lesson, and counts anew what it changes. Written at once, so that no waking counts again. */
  setLesson(given: Lesson | undefined): Changes {
    const { state } = this;
    // In the form in which it is read again.
    const lesson = given && v.parse(lessonSchema, given);
    const changes = noChanges();
    if (JSON.stringify(lesson) === state.lesson) return changes;
    this.#deps.storage.transactionSync(() => {
      const logged = (sinceMs: number) => this.#deps.log.since(sinceMs);
      const board = setLesson(state.board, lesson, state.version, logged, eventRegistry);
      mergeBoardChanges(changes.board, board);
      this.#writeCheckpoint(this.#deps.now());
    });
    return changes;
  }

  /**
   * Drops days of the log that are over and done with. What they say lives on in the checkpoint.
   * @param forgetBeforeMs sessions that were not heard of since then are forgotten
   */
  drop(days: readonly number[], forgetBeforeMs?: number): void {
    if (days.length === 0) return;
    this.#deps.storage.transactionSync(() => {
      this.#writeCheckpoint(this.#deps.now());
      if (forgetBeforeMs !== undefined) this.sessions.forget(forgetBeforeMs);
      this.#deps.log.drop(days);
    });
  }

  /** Gives room to what the stores lack, at the cost of rows that they have. */
  makeRoom(drainedVersion: number): void {
    this.#deps.storage.transactionSync(() => {
      this.#writeCheckpoint(this.#deps.now());
      this.#deps.log.deleteRows(drainedVersion, rowsDeletedAtOnce);
    });
  }

  /** Keeps nothing of a student. What throws leaves memory and disk apart: the caller starts over. */
  erase(studentId: string): ErasedFromClass {
    const { sql } = this.#deps.storage;
    return this.#deps.storage.transactionSync(() => {
      const state = eraseState(this.state, studentId);
      // Groups of students are put together anew, and may be fewer.
      sql.exec("DELETE FROM checkpoint WHERE part >= 'students-'");
      this.#writeCheckpoint(this.#deps.now());
      const log = this.#deps.log.erase(studentId);
      const rows = eraseRows(sql, studentId);
      this.#unnumbered.reload();
      return { log, state, ...rows };
    });
  }

  #writeCheckpoint(nowMs: number): void {
    const { students } = this.state;
    this.sessions.settle(nowMs, (key, mark) => mark.gaps.length > 0 && isWaitedFor(students, key));
    const stored = this.state.store();
    writeCheckpoint(this.#deps.storage.sql, stored);
    this.#checkpointSize = stored.size;
    this.#unnumbered.checkpoint(nowMs);
    this.#refused.clear();
    this.#tail.events = 0;
    this.#tail.size = 0;
  }

  /** A raised hand that reminds is a sign of life and nothing more, unless its client numbers it. */
  #noteRepeat({ event, studentId, timeMs }: StampedEvent, receivedMs: number, changes: Changes): boolean {
    if (event.eventType !== "help") return false;
    const student = this.state.students.get(studentId);
    const help = student?.helps.find(({ helpId }) => helpId === (event.helpId ?? unnamedHelp));
    const sinceMs = help && raisedMs(help);
    // A reminder from before the hand was raised may be of an earlier raising, of which the log must know.
    if (!student || sinceMs === undefined || timeMs < sinceMs) return false;
    student.seenMs = Math.max(student.seenMs, receivedMs);
    changes.students.add(studentId);
    return true;
  }

  /**
   * What was written after the checkpoint was decided on then: here it only has to be known again, and to be folded
   * when somebody asks for what it changed.
   */
  #takeTail(): void {
    const { state } = this;
    // Who comes after a waking is told the state as it is then.
    const context = { changes: noChanges(), stuckAfterErrors: Number.POSITIVE_INFINITY };
    const catchUp: CatchUp = {
      student: (student, logged) => foldStudent(logged, { ...context, student }),
      together: (together, logged) => foldTogether(logged, together, context.changes),
    };
    const received = { sessions: this.sessions, unnumbered: this.#unnumbered };
    recall(received, [], this.#refused.all());
    for (const { events, size } of this.#deps.log.after(state.version)) {
      recall(received, events, []);
      state.defer(events, catchUp);
      this.#tail.events += events.length;
      this.#tail.size += size;
    }
  }

  #fold(state: ClassState, events: readonly LoggedEvent[], changes: Changes): void {
    const stuckAfterErrors = this.#deps.stuckAfterErrors();
    for (const logged of events) fold(logged, { state, changes, stuckAfterErrors });
  }
}
