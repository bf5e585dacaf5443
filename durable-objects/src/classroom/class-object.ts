import {
  accept,
  type Batch,
  closeCodes,
  type Completeness,
  type Entity,
  type NotificationFrame,
  type Page,
  type ReplayRequest,
  type ReplayResponse,
  type Result,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import { checkClaims, type ClassClaims, concerns } from "./claims.ts";
import { deadLetterPage, type DeadLetterPage, type DeadLetterQuery } from "./dead-letter-page.ts";
import { Backlog } from "./drain/backlog.ts";
import { Drainer } from "./drain/drainer.ts";
import { nextAlarm } from "./drain/next-alarm.ts";
import { drainAfterMs } from "./drain/sink-loop.ts";
import type { Decision } from "./ingest/decide.ts";
import { HelpDesk } from "./help-desk.ts";
import { HelpExpiry } from "./help-expiry.ts";
import { GroupCommit } from "./ingest/group-commit.ts";
import { Connections } from "./live/connections.ts";
import type { Opening } from "./live/open-live.ts";
import { closeQuietly, type Socket } from "./live/socket.ts";
import { instructorTag } from "./live/watchers.ts";
import type { ClassPlatform } from "./platform.ts";
import type { ErasedFromClass } from "./privacy/erase.ts";
import { eraseStudent, isErased } from "./privacy/eraser.ts";
import { withoutErased } from "./privacy/erased-log.ts";
import { recordWelcome } from "./privacy/record.ts";
import { Recorder } from "./recorder.ts";
import { Retention } from "./retention.ts";
import { classDataOf, type ClassSettings, classSettingsSchema, movedStudents } from "./settings.ts";
import { completenessOf } from "./state/completeness.ts";
import type { StudentState } from "./state/student-state.ts";
import { DeadLetters } from "./storage/dead-letters.ts";
import { Log } from "./storage/log.ts";
import { Meta } from "./storage/meta.ts";
import { migrate } from "./storage/migrations.ts";
import { Wakeups } from "./wakeups.ts";

/** What came of a batch, and what its student is to be told along with it. */
export interface Recorded extends Decision {
  readonly notifications: readonly NotificationFrame[];
}

/** An alarm's work ends within this, and goes on in the next one. */
const alarmBudgetMs = 20_000;

/** One class: the only writer of its log, the holder of its connections. Wires the parts on any platform. */
export class ClassObject {
  readonly helpDesk: HelpDesk;
  readonly #platform: ClassPlatform;
  readonly #meta: Meta;
  readonly #log: Log;
  readonly #deadLetters: DeadLetters;
  readonly #recorder: Recorder;
  readonly #commits: GroupCommit;
  readonly #connections: Connections;
  readonly #wakeups: Wakeups;
  readonly #helpExpiry: HelpExpiry;
  readonly #retention: Retention;
  readonly #backlog: Backlog;
  #drainer: Drainer | undefined;
  #settings: ClassSettings | undefined;
  #epoch: string;

  /** Starts over from what is on disk. */
  constructor(platform: ClassPlatform) {
    this.#platform = platform;
    const { storage, now } = platform;
    migrate(storage);
    const { sql } = storage;
    this.#meta = new Meta(sql);
    this.#log = new Log(sql);
    this.#deadLetters = new DeadLetters(sql);
    this.#settings = this.#meta.read("settings", classSettingsSchema);
    this.#epoch = this.#meta.read("epoch", v.string()) ?? "";
    this.#recorder = new Recorder({
      storage,
      log: this.#log,
      now,
      stuckAfterErrors: () => this.#settings?.stuckAfterErrors ?? Number.POSITIVE_INFINITY,
    });
    this.#recorder.setLesson(this.#settings?.lesson);
    this.#wakeups = new Wakeups({
      storage,
      now,
      abort: platform.abort,
      keepAlive: platform.keepAlive,
      report: (message, details) => this.#report(message, details),
    });
    this.#commits = new GroupCommit({
      commit: (batches) => this.#commit(batches),
      sync: () => storage.sync(),
      nextTurn: platform.nextTurn,
      abort: (reason) => platform.abort(reason instanceof Error ? reason.message : "A commit failed."),
    });
    const { state } = this.#recorder;
    this.#connections = new Connections({
      platform: {
        ...platform,
        // A frame that could not be made would be missing between those before and after it.
        after: (delayMs, callback) => platform.after(delayMs, () => this.#orStartOver(callback)),
      },
      state,
      meta: this.#meta,
      eventAt: (version) => this.#log.eventAt(version),
      standing: { class: () => this.#classEntity(), sinks: () => this.#drainer?.entities() ?? [] },
      epoch: () => this.#epoch,
      check: (claims) => this.check(claims),
      concerns: (claims, studentId) => concerns(claims, this.#settings, studentId),
      act: (actor, action) => this.helpDesk.act(actor, action),
      verify: (token) => platform.verify(token, this.#settings?.classId ?? ""),
      record: (batch) => this.#record(batch),
      left: (studentId) => this.#armEarlier([studentId]),
    });
    this.helpDesk = new HelpDesk({
      state,
      mail: this.#connections.mail,
      now,
      newId: platform.newId,
      check: (actor) => this.check(actor),
      concerns: (actor, studentId) => concerns(actor, this.#settings, studentId),
      isErased: (studentId) => isErased(this.#settings, studentId),
      record: (batch) => this.#commits.add(batch),
      whole: (work) => this.#orStartOver(work),
    });
    this.#helpExpiry = new HelpExpiry({
      now,
      newId: platform.newId,
      isConnected: (studentId) => this.#connections.isConnected(studentId),
    });
    this.#backlog = new Backlog({
      now,
      databaseBytes: () => sql.databaseSize,
      pendingEvents: () => (this.#drainer ? state.version - this.#drainer.drainedVersion : 0),
    });
    this.#retention = new Retention({
      log: this.#log,
      recorder: this.#recorder,
      deadLetters: this.#deadLetters,
      forget: (beforeMs) => this.#drainer?.forget(beforeMs),
      lettersChanged: () => this.#connections.standingChanged("sinks"),
      now,
      settings: () => this.#settings,
      drainedVersion: () => this.#drainer?.drainedVersion,
      isCramped: () => this.#backlog.isCramped(),
    });
    if (this.#settings) this.#drainer = this.#makeDrainer(this.#settings.classId);
    this.#wakeups.recover(this.#nextAlarm(state.students.waiting()));
  }

  // --- Calls ---

  /** Takes over what Postgres says of the class. Idempotent; an older version changes nothing. */
  configure(settings: ClassSettings): void {
    if (this.#settings && settings.version < this.#settings.version) return;
    this.#drainer ??= this.#makeDrainer(settings.classId);
    const moved = movedStudents(this.#settings?.sections ?? {}, settings.sections);
    this.#settings = settings;
    this.#meta.write("settings", settings);
    if (this.#epoch === "") this.#beginAnew();
    const changes = this.#orStartOver(() => this.#recorder.setLesson(settings.lesson));
    this.#connections.standingChanged("class");
    if (changes.board.lesson) this.#connections.changed(changes);
    this.#connections.moved(moved);
    this.#connections.dismissUnwelcome();
    this.#armEarlier([]);
  }

  /** The class is no more: whoever is connected is sent away, and all that still comes finds none. */
  leave(): void {
    this.#settings = undefined;
    this.#drainer = undefined;
    this.#connections.dismissUnwelcome();
  }

  /** Records a batch. Answered once what it holds is on disk. */
  async ingest(claims: ClassClaims, batch: Batch): Promise<Result<Recorded>> {
    const checked = this.check(claims);
    if (!checked.ok) return checked;
    const recorded = await this.#record(batch);
    if (!recorded.ok) return recorded;
    return accept({ ...recorded.value, notifications: this.#connections.notificationsFor(claims.subject) });
  }

  /** Whether a credential still stands, for routes that make others from it. */
  check(claims: ClassClaims): Result<true> {
    return this.#asked(claims, () => true);
  }

  /** An exact account of what arrived of what its students' clients numbered, and what did not. */
  completeness(claims: ClassClaims, page: Page): Result<Completeness> {
    const { state, sessions } = this.#recorder;
    return this.#asked(claims, (settings) => {
      const known = { students: state.students, sessions: sessions.entries() };
      return completenessOf(known, this.#platform.now(), page, (id) => concerns(claims, settings, id));
    });
  }

  /** What stores refused for good. */
  deadLetters(claims: ClassClaims, query: DeadLetterQuery): Result<DeadLetterPage> {
    return this.#asked(claims, () => deadLetterPage(this.#deadLetters, query));
  }

  /** Offers what stores refused for good to them again. */
  async replayDeadLetters(claims: ClassClaims, choice: ReplayRequest): Promise<Result<ReplayResponse>> {
    const checked = this.check(claims);
    if (!checked.ok) return checked;
    return this.#drainer?.replay(choice) ?? accept({ replayed: 0, kept: [] });
  }

  erase(studentId: string): Promise<Result<ErasedFromClass>> {
    const eraser = {
      settings: () => this.#settings,
      recorder: this.#recorder,
      committed: () => this.#commits.add({ receivedMs: this.#platform.now(), events: [], refused: [] }),
      settled: async () => this.#drainer?.settled(),
      beginAnew: () => this.#beginAnew(),
      whole: <T>(work: () => T) => this.#orStartOver(work),
      sync: () => this.#platform.storage.sync(),
    };
    return eraseStudent(eraser, studentId);
  }

  // --- Live connections ---

  open(request: Request): Result<Opening> {
    return this.#connections.open(request);
  }

  opened(socket: Socket, opening: Opening): void {
    this.#orStartOver(() => this.#connections.opened(socket, opening));
  }

  received(socket: Socket, message: string | ArrayBuffer): void {
    this.#orStartOver(() => this.#connections.received(socket, message));
  }

  closed(socket: Socket): void {
    this.#connections.closed(socket);
  }

  // --- Alarm ---

  /** What time has made due. Harmless to call twice, or late. */
  async alarm(): Promise<void> {
    const untilMs = this.#platform.now() + alarmBudgetMs;
    await this.#wakeups.work(
      [
        [() => this.#lowerHands(), () => this.#drainer?.run(untilMs)],
        [() => this.#orStartOver(() => this.#retention.run())],
      ],
      () => this.#nextAlarm(this.#recorder.state.students.waiting()),
    );
  }

  // --- Wiring ---

  async #record(batch: Batch): Promise<Result<Decision>> {
    const hasRoom = this.#backlog.admit();
    if (!hasRoom.ok) return hasRoom;
    const { capture } = this.#platform;
    return recordWelcome(batch, this.#settings, { commit: (own) => this.#commits.add(own), capture });
  }

  #beginAnew(): void {
    this.#connections.forgotten();
    this.#deadLetters.recount();
    this.#epoch = this.#platform.newId();
    this.#meta.write("epoch", this.#epoch);
    for (const socket of this.#platform.sockets(instructorTag)) closeQuietly(socket, closeCodes.restart, "");
  }

  async #lowerHands(): Promise<void> {
    const lowered = this.#helpExpiry.batch(this.#recorder.state.students.waiting());
    if (lowered.events.length > 0) await this.#commits.add(lowered);
  }

  /** What a holder asks for, if the credential stands. */
  #asked<T>(claims: ClassClaims, answer: (settings: ClassSettings) => T): Result<T> {
    const checked = checkClaims(claims, this.#settings, this.#platform.now());
    return checked.ok ? accept(answer(checked.value)) : checked;
  }

  #commit(batches: readonly Batch[]): readonly Decision[] {
    const { decisions, changes } = this.#recorder.commit(batches);
    this.#connections.changed(changes);
    if (this.#drainer?.isFull) {
      this.#platform.keepAlive(this.#drainer.run(this.#platform.now() + alarmBudgetMs));
    }
    this.#armEarlier(changes.students);
    return decisions;
  }

  /** Sees to it that the alarm comes early enough for what the named students' changes ask for. */
  #armEarlier(studentIds: Iterable<string>): void {
    if (this.#wakeups.isSoon(drainAfterMs)) return;
    const { students } = this.#recorder.state;
    const changed = this.#wakeups.isKnown ? students.known(studentIds) : students.waiting();
    this.#wakeups.armEarlier(this.#nextAlarm(changed));
  }

  #nextAlarm(students: Iterable<StudentState>): number | undefined {
    return nextAlarm({
      sinks: this.#drainer?.deadlines() ?? [],
      helpExpiry: this.#helpExpiry.dueMs(students),
      retention: this.#retention.dueMs(),
    });
  }

  /** Does what has to be whole: when the disk fails in the middle of it, memory and what others were told are not. */
  #orStartOver<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      this.#platform.abort(error instanceof Error ? error.message : "The class could not be written.");
      throw error;
    }
  }

  #classEntity(): Entity[] {
    if (!this.#settings) return [];
    const { version } = this.#recorder.state;
    return [{ kind: "class", id: this.#settings.classId, version, data: classDataOf(this.#settings) }];
  }

  #makeDrainer(classId: string): Drainer {
    const { now, random, after, sinks } = this.#platform;
    return new Drainer({
      log: this.#log,
      meta: this.#meta,
      deadLetters: this.#deadLetters,
      sinks: sinks(classId).map(withoutErased),
      now,
      random,
      after,
      version: () => this.#recorder.state.version,
      changed: () => this.#connections.standingChanged("sinks"),
      report: (message, details) => this.#report(message, details),
    });
  }

  #report(message: string, details: Record<string, unknown>): void {
    this.#platform.report(message, { classId: this.#settings?.classId, ...details });
  }
}
