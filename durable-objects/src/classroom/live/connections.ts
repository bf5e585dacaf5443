import {
  type Batch,
  type Entity,
  limits,
  type NotificationFrame,
  refuse,
  type Result,
} from "@cell-monitor/protocol";
import type { ClassClaims } from "../claims.ts";
import type { Decision } from "../ingest/decide.ts";
import type { ClassPlatform } from "../platform.ts";
import type { ClassState } from "../state/class-state.ts";
import type { Changes } from "../state/fold-context.ts";
import type { EventAt } from "../state/run-view.ts";
import type { Meta } from "../storage/meta.ts";
import { Notices } from "../storage/notices.ts";
import { SpentTickets } from "../storage/tickets.ts";
import { Allowances, nameOfFrame } from "./allowance.ts";
import { HelpStates } from "./help-states.ts";
import type { LiveHolder } from "./holder.ts";
import { LiveView, type Standing } from "./live-view.ts";
import { Mail } from "./mail.ts";
import { type Opening, openLive } from "./open-live.ts";
import { Presence } from "./presence.ts";
import { sendRefusal, type Socket } from "./socket.ts";
import { StudentSockets, studentTag } from "./student-sockets.ts";
import { instructorTag, type WatchersDeps } from "./watchers.ts";

export interface ConnectionsDeps {
  readonly platform: Pick<ClassPlatform, "now" | "newId" | "after" | "sockets"> & {
    readonly storage: Pick<ClassPlatform["storage"], "sql">;
  };
  readonly state: ClassState;
  readonly meta: Meta;
  readonly eventAt: EventAt;
  readonly standing: Readonly<Record<Standing, () => Entity[]>>;
  epoch(): string;
  check(claims: ClassClaims): Result<true>;
  verify(token: string): Promise<Result<LiveHolder>>;
  readonly concerns: WatchersDeps["concerns"];
  readonly act: WatchersDeps["act"];
  record(batch: Batch): Promise<Result<Decision>>;
  /** Of a student nothing will be heard for a while. */
  left(studentId: string): void;
}

const tooMany = refuse("rate_limited", "There are too many open connections; close some first.", {
  retryAfterMs: 30_000,
});

/** Everybody who is connected to a class: instructors who watch, students who send. */
export class Connections {
  readonly #deps: ConnectionsDeps;
  readonly #view: LiveView;
  readonly #presence: Presence;
  readonly #students: StudentSockets;
  readonly #helpStates: HelpStates;
  readonly #studentAllowances = new Allowances<Socket>(limits.studentFrames);
  readonly #watcherAllowances = new Allowances<Socket>(limits.watcherFrames);
  readonly mail: Mail;

  constructor(deps: ConnectionsDeps) {
    this.#deps = deps;
    const { platform, state, meta, check, verify, record, eventAt, epoch, standing } = deps;
    const { now, newId, after, sockets } = platform;
    this.#presence = new Presence({ state, meta, now, sockets });
    this.#students = new StudentSockets({
      now,
      sockets,
      check,
      verify,
      record,
      closed: (socket) => this.closed(socket),
    });
    this.#helpStates = new HelpStates({
      state,
      sockets: (studentId) => this.#students.connectionsOf(studentId),
    });
    this.mail = new Mail({
      notices: new Notices(platform.storage.sql),
      now,
      newId,
      sockets: (studentId) => this.#students.connectionsOf(studentId),
      connected: () => this.#students.connected(),
    });
    this.#view = new LiveView({
      state,
      eventAt,
      now,
      epoch,
      after,
      standing,
      sockets: () => sockets(instructorTag),
      presence: this.#presence,
      check,
      concerns: deps.concerns,
      act: deps.act,
    });
  }

  /** Decides on an upgrade that the worker has authenticated. */
  open(request: Request): Result<Opening> {
    return openLive(request, (holder) => (this.#hasRoom(holder) ? this.#admit(holder) : tooMany));
  }

  /** A connection that was let in is open. */
  opened(socket: Socket, { attachment, resume }: Opening): void {
    if (attachment.role === "instructor") return this.#view.watchers.greet(socket, resume);
    this.#students.opened(socket, attachment);
    this.#presence.opened(attachment.subject);
    this.#view.presenceChanged(attachment.subject);
    this.#helpStates.greet(socket, attachment.subject);
    this.mail.greet(socket, attachment.subject);
  }

  received(socket: Socket, message: string | ArrayBuffer): void {
    const isStudent = this.#students.ownerOf(socket) !== undefined;
    const allowances = isStudent ? this.#studentAllowances : this.#watcherAllowances;
    const allowed = allowances.take(socket, this.#deps.platform.now());
    if (!allowed.ok) return sendRefusal(socket, allowed.refusal, nameOfFrame(message));
    if (isStudent) this.#students.receive(socket, message);
    else this.#view.watchers.receive(socket, typeof message === "string" ? message : "");
  }

  /** A connection is closed, or broke. */
  closed(socket: Socket): void {
    const studentId = this.#students.ownerOf(socket);
    if (studentId === undefined) return;
    this.#presence.closed(socket, studentId);
    this.#view.presenceChanged(studentId);
    this.#deps.left(studentId);
  }

  /** Closes the connections whose credential no longer stands. */
  dismissUnwelcome(): void {
    this.#view.watchers.dismissUnwelcome();
    this.#students.dismissUnwelcome();
  }

  /** Students are no longer known: those who waited behind them move up, and what waited for them is not told. */
  forgotten(): void {
    this.#presence.forgotten();
    this.mail.reread();
    this.#helpStates.changed();
  }

  isConnected(studentId: string): boolean {
    return this.#presence.isConnected(studentId);
  }

  /** What the class knows changed. */
  changed(changes: Changes): void {
    this.#view.changed(changes);
    // Every request for help that is made or ends is urgent, and hardly anything else is.
    if (changes.urgent) this.#helpStates.changed();
  }

  /** Students came into another section. */
  moved(studentIds: readonly string[]): void {
    this.#view.moved(studentIds);
  }

  /** What has no place in the log changed. */
  standingChanged(standing: Standing): void {
    this.#view.standingChanged(standing);
  }

  /** What a student is to be told along with an answer. */
  notificationsFor(studentId: string): NotificationFrame[] {
    // A class key may hand in events too, and is nobody to be told anything.
    if (!this.#deps.state.students.has(studentId)) return [];
    const help = this.#helpStates.of(studentId);
    return [...(help ? [help] : []), ...this.mail.take(studentId)];
  }

  /** A reload may leave a connection half open for a while; more than that is no class. */
  #hasRoom({ role, subject }: LiveHolder): boolean {
    const { sockets } = this.#deps.platform;
    return role === "student"
      ? sockets(studentTag(subject)).length < limits.studentConnections
      : sockets(instructorTag).length < limits.watcherConnections;
  }

  #admit(claims: ClassClaims): Result<true> {
    const checked = this.#deps.check(claims);
    if (!checked.ok || claims.ticketId === undefined) return checked;
    const { storage, now } = this.#deps.platform;
    const isFresh = new SpentTickets(storage.sql).spend(claims.ticketId, claims.expiresMs, now());
    return isFresh ? checked : refuse("token_expired", "The ticket has been used already.");
  }
}
