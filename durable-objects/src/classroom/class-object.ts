import {
  accept,
  type Batch,
  type Completeness,
  type Entity,
  keepToLevel,
  limits,
  type Page,
  refuse,
  type ReplayRequest,
  type ReplayResponse,
  type Result,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import { checkClaims, type ClassClaims } from "./claims.ts";
import { deadLetterPage, type DeadLetterPage, type DeadLetterQuery } from "./dead-letter-page.ts";
import { Drainer } from "./drain/drainer.ts";
import { nextAlarm } from "./drain/next-alarm.ts";
import { drainAfterMs } from "./drain/sink-loop.ts";
import type { Decision } from "./ingest/decide.ts";
import { GroupCommit } from "./ingest/group-commit.ts";
import { LiveView } from "./live/live-view.ts";
import { type Opening, openLive } from "./live/open-live.ts";
import type { Socket } from "./live/socket.ts";
import { instructorTag } from "./live/watchers.ts";
import type { ClassPlatform } from "./platform.ts";
import { Recorder } from "./recorder.ts";
import { classDataOf, type ClassSettings, classSettingsSchema } from "./settings.ts";
import { completenessOf } from "./state/completeness.ts";
import { expiredHelps, nextHelpExpiry } from "./state/entities.ts";
import { unnamedHelp } from "./state/folds/help.ts";
import type { StudentState } from "./state/student-state.ts";
import { DeadLetters } from "./storage/dead-letters.ts";
import { Log } from "./storage/log.ts";
import { Meta } from "./storage/meta.ts";
import { migrate } from "./storage/migrations.ts";
import { SpentTickets } from "./storage/tickets.ts";
import { Wakeups } from "./wakeups.ts";

/** An alarm's work ends within this, and goes on in the next one. */
const alarmBudgetMs = 20_000;
const dayMs = 24 * 60 * 60 * 1000;

function presentIn<T>(entries: ReadonlyMap<string, T>, keys: Iterable<string>): T[] {
  return Array.from(keys, (key) => entries.get(key)).filter((entry) => entry !== undefined);
}

/** One class: the only writer of its log, the holder of its connections. Wires the parts on any platform. */
export class ClassObject {
  readonly #platform: ClassPlatform;
  readonly #meta: Meta;
  readonly #log: Log;
  readonly #deadLetters: DeadLetters;
  readonly #recorder: Recorder;
  readonly #commits: GroupCommit;
  readonly #live: LiveView;
  readonly #wakeups: Wakeups;
  readonly #revokedBefore: ReadonlyMap<string, number> = new Map();
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
    this.#wakeups = new Wakeups(platform);
    this.#commits = new GroupCommit({
      commit: (batches) => this.#commit(batches),
      sync: () => storage.sync(),
      nextTurn: platform.nextTurn,
      abort: (reason) => platform.abort(reason instanceof Error ? reason.message : "A commit failed."),
    });
    this.#live = new LiveView({
      state: this.#recorder.state,
      now,
      epoch: () => this.#epoch,
      after: platform.after,
      standing: () => this.#standing(),
      sockets: () => platform.sockets(instructorTag),
      check: (claims) => this.check(claims),
    });
    if (this.#settings) this.#drainer = this.#makeDrainer(this.#settings.classId);
  }

  // --- Calls ---

  /** Takes over what Postgres says of the class. Idempotent; an older version changes nothing. */
  configure(settings: ClassSettings): void {
    if (this.#settings && settings.version < this.#settings.version) return;
    this.#drainer ??= this.#makeDrainer(settings.classId);
    this.#settings = settings;
    this.#meta.write("settings", settings);
    if (this.#epoch === "") {
      this.#epoch = this.#platform.newId();
      this.#meta.write("epoch", this.#epoch);
    }
    this.#live.standingChanged();
    this.#live.watchers.dismissUnwelcome();
    this.#armEarlier([]);
  }

  /** Records a batch. Answered once what it holds is on disk. */
  async ingest(claims: ClassClaims, batch: Batch): Promise<Result<Decision>> {
    const checked = this.#check(claims);
    if (!checked.ok) return checked;
    const { captureLevel } = checked.value;
    const events = batch.events.map((stamped) => ({
      ...stamped,
      event: keepToLevel(stamped.event, captureLevel),
    }));
    return accept(await this.#commits.add({ ...batch, events }));
  }

  /** Whether a credential still stands, for routes that make others from it. */
  check(claims: ClassClaims): Result<true> {
    const checked = this.#check(claims);
    return checked.ok ? accept(true) : checked;
  }

  /** An exact account of what arrived of what its students' clients numbered, and what did not. */
  completeness(claims: ClassClaims, page: Page): Result<Completeness> {
    const checked = this.check(claims);
    return checked.ok ? accept(completenessOf(this.#recorder.state, this.#platform.now(), page)) : checked;
  }

  /** What stores refused for good. */
  deadLetters(claims: ClassClaims, query: DeadLetterQuery): Result<DeadLetterPage> {
    const checked = this.check(claims);
    return checked.ok ? accept(deadLetterPage(this.#deadLetters, query)) : checked;
  }

  /** Offers what stores refused for good to them again. */
  async replayDeadLetters(claims: ClassClaims, choice: ReplayRequest): Promise<Result<ReplayResponse>> {
    const checked = this.check(claims);
    if (!checked.ok) return checked;
    return this.#drainer?.replay(choice) ?? accept({ replayed: 0, kept: [] });
  }

  // --- Live connections ---

  /** Decides on an upgrade that the worker has authenticated. */
  open(request: Request): Result<Opening> {
    return openLive(request, (claims) => this.#admit(claims));
  }

  /** A connection that was let in is open. */
  opened(socket: Socket, { resume }: Opening): void {
    this.#live.watchers.greet(socket, resume);
  }

  received(socket: Socket, message: string | ArrayBuffer): void {
    this.#live.watchers.receive(socket, typeof message === "string" ? message : "");
  }

  // --- Alarm ---

  /** What time has made due. Harmless to call twice, or late. */
  async alarm(): Promise<void> {
    await this.#wakeups.work(
      async () => {
        await this.#expireHelps();
        await this.#drainer?.run(this.#platform.now() + alarmBudgetMs);
        this.#recorder.drop(this.#finishedDays());
      },
      () => this.#nextAlarm(this.#recorder.state.students.values()),
    );
  }

  // --- Wiring ---

  #check(claims: ClassClaims): Result<ClassSettings> {
    return checkClaims(claims, this.#settings, this.#revokedBefore, this.#platform.now());
  }

  #admit(claims: ClassClaims): Result<true> {
    const checked = this.check(claims);
    if (!checked.ok || claims.ticketId === undefined) return checked;
    const tickets = new SpentTickets(this.#platform.storage.sql);
    const isFresh = tickets.spend(claims.ticketId, claims.expiresMs, this.#platform.now());
    return isFresh ? checked : refuse("token_expired", "The ticket has been used already.");
  }

  #commit(batches: readonly Batch[]): readonly Decision[] {
    const { decisions, changes } = this.#recorder.commit(batches);
    this.#live.changed(changes);
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
    const changed = this.#wakeups.isKnown ? presentIn(students, studentIds) : students.values();
    this.#wakeups.armEarlier(this.#nextAlarm(changed));
  }

  #nextAlarm(students: Iterable<StudentState>): number | undefined {
    return nextAlarm({
      sinks: this.#drainer?.deadlines() ?? [],
      helpExpiry: nextHelpExpiry(students, limits.helpExpiresMs),
      retention: this.#retentionMs(),
    });
  }

  async #expireHelps(): Promise<void> {
    const nowMs = this.#platform.now();
    const events = expiredHelps(this.#recorder.state, nowMs, limits.helpExpiresMs).map(
      ([student, helpId], index) => ({
        index,
        studentId: student.id,
        timeMs: nowMs,
        event: {
          eventId: this.#platform.newId(),
          eventType: "help_stop",
          eventTime: new Date(nowMs).toISOString(),
          ...(helpId !== unnamedHelp && { helpId }),
          reason: "expired",
        },
      }),
    );
    if (events.length > 0) await this.#commits.add({ receivedMs: nowMs, events, refused: [] });
  }

  #retentionMs(): number | undefined {
    const endMs = this.#log.oldestDayEndMs();
    if (!this.#settings || endMs === undefined) return undefined;
    const nowMs = this.#platform.now();
    const dropMs = endMs + this.#settings.retentionDays * dayMs;
    // A day that should be gone and isn't finished waits for a sink, which has an alarm of its own.
    return dropMs > nowMs || this.#finishedDays().length > 0 ? Math.max(dropMs, nowMs) : undefined;
  }

  #finishedDays(): readonly number[] {
    if (!this.#settings || !this.#drainer) return [];
    const beforeMs = this.#platform.now() - this.#settings.retentionDays * dayMs;
    return this.#log.finishedDays(beforeMs, this.#drainer.drainedVersion);
  }

  #standing(): Entity[] {
    if (!this.#settings) return [];
    const { classId } = this.#settings;
    const { version } = this.#recorder.state;
    return [
      { kind: "class", id: classId, version, data: classDataOf(this.#settings) },
      ...(this.#drainer?.entities() ?? []),
    ];
  }

  #makeDrainer(classId: string): Drainer {
    const { now, random, after, sinks, report } = this.#platform;
    return new Drainer({
      log: this.#log,
      meta: this.#meta,
      deadLetters: this.#deadLetters,
      sinks: sinks(classId),
      now,
      random,
      after,
      version: () => this.#recorder.state.version,
      changed: () => this.#live.standingChanged(),
      report: (message, details) => report(message, { classId, ...details }),
    });
  }
}
