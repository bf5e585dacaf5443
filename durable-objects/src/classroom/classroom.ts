import { DurableObject } from "cloudflare:workers";
import {
  accept,
  type Batch,
  type Completeness,
  type Page,
  type Entity,
  keepToLevel,
  limits,
  pingText,
  pongText,
  refusalResponse,
  refuse,
  type ReplayRequest,
  type ReplayResponse,
  type Result,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import type { ClassroomEnv } from "../env.ts";
import { createSinks } from "../sinks/create-sinks.ts";
import { checkClaims, type ClassClaims } from "./claims.ts";
import { deadLetterPage, type DeadLetterPage, type DeadLetterQuery } from "./dead-letter-page.ts";
import { Drainer } from "./drain/drainer.ts";
import { nextAlarm } from "./drain/next-alarm.ts";
import { drainAfterMs } from "./drain/sink-loop.ts";
import type { Decision } from "./ingest/decide.ts";
import { GroupCommit } from "./ingest/group-commit.ts";
import { LiveView } from "./live/live-view.ts";
import { openLive } from "./live/open-live.ts";
import { closeQuietly } from "./live/socket.ts";
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

const instructorTag = "instructor";
/** Comes back for the work of an alarm that died on the way. */
const watchdogMs = 60_000;
/** An alarm's work ends within this, and goes on in the next one. */
const alarmBudgetMs = 20_000;
const dayMs = 24 * 60 * 60 * 1000;

function presentIn<T>(entries: ReadonlyMap<string, T>, keys: Iterable<string>): T[] {
  return Array.from(keys, (key) => entries.get(key)).filter((entry) => entry !== undefined);
}

function after(delayMs: number, callback: () => void): () => void {
  const timer = setTimeout(callback, delayMs);
  return () => clearTimeout(timer);
}

/** One class: the only writer of its log, the holder of its sockets. Wires the parts; decides nothing itself. */
export class Classroom extends DurableObject<ClassroomEnv> {
  readonly #meta: Meta;
  readonly #log: Log;
  readonly #deadLetters: DeadLetters;
  readonly #recorder: Recorder;
  readonly #commits: GroupCommit;
  #drainer: Drainer | undefined;
  readonly #live: LiveView;
  readonly #revokedBefore: ReadonlyMap<string, number> = new Map();
  #settings: ClassSettings | undefined;
  #epoch: string;
  #alarmMs: number | undefined;
  #inAlarm = false;

  constructor(ctx: DurableObjectState, env: ClassroomEnv) {
    super(ctx, env);
    migrate(ctx.storage);
    const { sql } = ctx.storage;
    this.#meta = new Meta(sql);
    this.#log = new Log(sql);
    this.#deadLetters = new DeadLetters(sql);
    this.#settings = this.#meta.read("settings", classSettingsSchema);
    this.#epoch = this.#meta.read("epoch", v.string()) ?? "";
    const now = () => Date.now();
    this.#recorder = new Recorder({
      storage: ctx.storage,
      log: this.#log,
      now,
      stuckAfterErrors: () => this.#settings?.stuckAfterErrors ?? Number.POSITIVE_INFINITY,
    });
    this.#commits = new GroupCommit({
      commit: (batches) => this.#commit(batches),
      sync: () => ctx.storage.sync(),
      nextTurn: () => scheduler.wait(0),
      abort: (reason) => ctx.abort(reason instanceof Error ? reason.message : "A commit failed."),
    });
    this.#live = new LiveView({
      state: this.#recorder.state,
      now,
      epoch: () => this.#epoch,
      after,
      standing: () => this.#standing(),
      sockets: () => ctx.getWebSockets(instructorTag),
      check: (claims) => this.check(claims),
    });
    if (this.#settings) this.#drainer = this.#makeDrainer(this.#settings.classId);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(pingText, pongText));
  }

  // --- RPC ---

  /** Takes over what Postgres says of the class. Idempotent; an older version changes nothing. */
  configure(settings: ClassSettings): void {
    if (this.#settings && settings.version < this.#settings.version) return;
    this.#drainer ??= this.#makeDrainer(settings.classId);
    this.#settings = settings;
    this.#meta.write("settings", settings);
    if (this.#epoch === "") {
      this.#epoch = crypto.randomUUID();
      this.#meta.write("epoch", this.#epoch);
    }
    this.#live.standingChanged();
    this.#live.watchers.dismissUnwelcome();
    this.#armEarlier([]);
  }

  /** Records a batch. Answered once what it holds is on disk. */
  async ingest(claims: ClassClaims, batch: Batch): Promise<Result<Decision>> {
    const checked = checkClaims(claims, this.#settings, this.#revokedBefore, Date.now());
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
    const checked = checkClaims(claims, this.#settings, this.#revokedBefore, Date.now());
    return checked.ok ? accept(true) : checked;
  }

  /** An exact account of what arrived of what its students' clients numbered, and what did not. */
  completeness(claims: ClassClaims, page: Page): Result<Completeness> {
    const checked = this.check(claims);
    return checked.ok ? accept(completenessOf(this.#recorder.state, Date.now(), page)) : checked;
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

  override fetch(request: Request): Response {
    const opened = openLive(request, (claims) => this.#admitWatcher(claims));
    if (!opened.ok) return refusalResponse(opened.refusal);
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server, [instructorTag]);
    server.serializeAttachment(opened.value.attachment);
    this.#live.watchers.greet(server, opened.value.resume);
    return new Response(null, { status: 101, webSocket: client, headers: opened.value.headers });
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    this.#live.watchers.receive(socket, typeof message === "string" ? message : "");
  }

  override webSocketClose(socket: WebSocket, code: number, reason: string): void {
    closeQuietly(socket, code, reason);
  }

  // --- Alarm ---

  override async alarm(): Promise<void> {
    this.#inAlarm = true;
    try {
      // First of all: should anything below hang or throw until the platform gives up, this one still comes.
      await this.#arm(Date.now() + watchdogMs);
      await this.#expireHelps();
      await this.#drainer?.run(Date.now() + alarmBudgetMs);
      this.#recorder.drop(this.#finishedDays());
    } finally {
      this.#inAlarm = false;
    }
    await this.#arm(this.#nextAlarm(this.#recorder.state.students.values()));
  }

  // --- Wiring ---

  #admitWatcher(claims: ClassClaims): Result<true> {
    const checked = this.check(claims);
    if (!checked.ok || claims.ticketId === undefined) return checked;
    const isFresh = new SpentTickets(this.ctx.storage.sql).spend(
      claims.ticketId,
      claims.expiresMs,
      Date.now(),
    );
    return isFresh ? checked : refuse("token_expired", "The ticket has been used already.");
  }

  #commit(batches: readonly Batch[]): readonly Decision[] {
    const { decisions, changes } = this.#recorder.commit(batches);
    this.#live.changed(changes);
    if (this.#drainer?.isFull) this.ctx.waitUntil(this.#drainer.run(Date.now() + alarmBudgetMs));
    this.#armEarlier(changes.students);
    return decisions;
  }

  /**
   * Sees to it that the alarm comes early enough for what the named students' changes ask for. It is set only to come
   * earlier, since each setting is a row written; an alarm that turns out to be early finds nothing to do.
   */
  #armEarlier(studentIds: Iterable<string>): void {
    if (this.#inAlarm) return;
    const isSoon = this.#alarmMs !== undefined && this.#alarmMs <= Date.now() + drainAfterMs;
    if (isSoon) return;
    const { students } = this.#recorder.state;
    // After waking it isn't known what the alarm stands at, nor what for.
    const changed = this.#alarmMs === undefined ? students.values() : presentIn(students, studentIds);
    const next = this.#nextAlarm(changed);
    if (next !== undefined && next < (this.#alarmMs ?? Number.POSITIVE_INFINITY))
      this.ctx.waitUntil(this.#arm(next));
  }

  #nextAlarm(students: Iterable<StudentState>): number | undefined {
    return nextAlarm({
      sinks: this.#drainer?.deadlines() ?? [],
      helpExpiry: nextHelpExpiry(students, limits.helpExpiresMs),
      retention: this.#retentionMs(),
    });
  }

  async #arm(timeMs: number | undefined): Promise<void> {
    this.#alarmMs = timeMs;
    if (timeMs === undefined) await this.ctx.storage.deleteAlarm();
    else await this.ctx.storage.setAlarm(Math.max(timeMs, Date.now()));
  }

  async #expireHelps(): Promise<void> {
    const nowMs = Date.now();
    const events = expiredHelps(this.#recorder.state, nowMs, limits.helpExpiresMs).map(
      ([student, helpId], index) => ({
        index,
        studentId: student.id,
        timeMs: nowMs,
        event: {
          eventId: crypto.randomUUID(),
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
    const nowMs = Date.now();
    const dropMs = endMs + this.#settings.retentionDays * dayMs;
    // A day that should be gone and isn't finished waits for a sink, which has an alarm of its own.
    return dropMs > nowMs || this.#finishedDays().length > 0 ? Math.max(dropMs, nowMs) : undefined;
  }

  #finishedDays(): readonly number[] {
    if (!this.#settings || !this.#drainer) return [];
    const beforeMs = Date.now() - this.#settings.retentionDays * dayMs;
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
    return new Drainer({
      log: this.#log,
      meta: this.#meta,
      deadLetters: this.#deadLetters,
      sinks: createSinks(this.env, classId),
      now: () => Date.now(),
      random: () => Math.random(),
      after,
      version: () => this.#recorder.state.version,
      changed: () => this.#live.standingChanged(),
      report: (message, details) => console.warn(JSON.stringify({ message, classId, ...details })),
    });
  }
}
