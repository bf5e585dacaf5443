import {
  type ActionAnswer,
  type ClassAction,
  type DoneFrame,
  type Entity,
  type InstructorCommand,
  instructorCommandSchema,
  limits,
  type PatchFrame,
  refuse,
  type Result,
  type SnapshotFrame,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import type { ClassClaims } from "../claims.ts";
import type { Actor } from "../help-desk.ts";
import { dismiss, sendQuietly, sendRefusal, type Socket } from "./socket.ts";

/** Marks the connections of those who watch. */
export const instructorTag = "instructor";

/** What of a watcher survives hibernation, on its socket. */
export const attachmentSchema = v.object({
  role: v.literal("instructor"),
  subject: v.string(),
  /** Of the credential, Unix ms. */
  expiresMs: v.number(),
  issuedMs: v.number(),
  keyVersion: v.number(),
  by: v.optional(v.string()),
  /** Students whose runs this watcher is sent. */
  students: v.array(v.string()),
  /** It did not keep up, and is sent nothing until it says what it has seen. */
  behind: v.boolean(),
  name: v.optional(v.string()),
  /** Sections that this watcher is confined to; absent for the whole class. */
  sections: v.optional(v.array(v.string())),
});
export type Attachment = v.InferOutput<typeof attachmentSchema>;

export interface WatchersDeps {
  now(): number;
  epoch(): string;
  version(): number;
  /** Everything but runs after a version, and whatever has no version of its own. */
  entitiesSince(version: number): Entity[];
  /** A student's recent runs, all or those in some slots. */
  runs(studentId: string, slots?: readonly number[]): Entity[];
  sockets(): readonly Socket[];
  /** Whether a watcher's credential still stands. */
  check(claims: ClassClaims): Result<unknown>;
  /** Whether a student concerns a watcher. */
  concerns(claims: Pick<ClassClaims, "sections">, studentId: string): boolean;
  act(actor: Actor, action: ClassAction): Promise<Result<ActionAnswer>>;
}

type Frame = SnapshotFrame | PatchFrame;

/** The dashboards that look at a class: what each has been sent, and what it is sent next. */
export class Watchers {
  readonly #deps: WatchersDeps;
  /** What stands on the sockets, read once a waking. */
  readonly #attachments = new WeakMap<Socket, Attachment>();
  /** Versions of the frames sent to a socket that it has not said to have seen, ascending. */
  readonly #unseen = new WeakMap<Socket, readonly number[]>();
  /** Version of the last frame sent to a socket. */
  readonly #sentTo = new WeakMap<Socket, number>();
  /** Version up to which all watchers that keep up have been sent everything. */
  #sentVersion: number;

  constructor(deps: WatchersDeps) {
    this.#deps = deps;
    this.#sentVersion = deps.version();
  }

  /** Greets a new watcher with what it lacks. */
  greet(socket: Socket, resume: { epoch: string; to: number } | undefined): void {
    if (resume) this.#resume(socket, resume.epoch, resume.to);
    else this.#sendSnapshot(socket);
  }

  /** Nobody watched what changed: the next frame goes on from here. */
  skip(): void {
    this.#sentVersion = this.#deps.version();
  }

  /** Closes the connections whose credential no longer stands. */
  dismissUnwelcome(): void {
    for (const socket of this.#deps.sockets()) {
      const attachment = this.#attachmentOf(socket);
      if (attachment) this.#isWelcome(socket, attachment);
    }
  }

  /**
   * Sends what changed since the last frame to every watcher that keeps up.
   * @param runs slots of the runs that changed, by student
   * @param moved students whose section changed: who was shown them may not be any more
   */
  broadcast(
    changed: readonly Entity[],
    runs: ReadonlyMap<string, readonly number[]>,
    moved: ReadonlySet<string> = new Set(),
  ): void {
    const from = this.#sentVersion;
    this.#sentVersion = this.#deps.version();
    if (changed.length === 0 && runs.size === 0) return;
    const texts = new Map<string, string>();
    for (const socket of this.#deps.sockets()) {
      const attachment = this.#attachmentOf(socket);
      if (!attachment || attachment.behind) continue;
      if (!this.#isWelcome(socket, attachment)) continue;
      const { sections } = attachment;
      const followed = attachment.students.filter(
        (student) => runs.has(student) && this.#deps.concerns(attachment, student),
      );
      const key = sections ? JSON.stringify([sections, followed]) : followed.join();
      let text = texts.get(key);
      if (text === undefined) {
        const entities = [
          ...this.#shownTo(attachment, changed, moved),
          ...followed.flatMap((student) => this.#deps.runs(student, runs.get(student))),
        ];
        text = JSON.stringify(this.#patch(from, entities));
        texts.set(key, text);
      }
      this.#send(socket, attachment, text, this.#sentVersion);
    }
  }

  /** Does what a watcher asks; what is no command is answered with an error and nothing else happens. */
  receive(socket: Socket, text: string): void {
    const attachment = this.#attachmentOf(socket);
    if (!attachment || !this.#isWelcome(socket, attachment)) return;
    const command = parseCommand(text);
    if (!command) return sendRefusal(socket, noCommand.refusal, undefined);
    this.#obey(socket, attachment, command);
  }

  #obey(socket: Socket, attachment: Attachment, command: InstructorCommand): void {
    switch (command.type) {
      case "help_claim":
      case "help_release":
      case "help_resolve":
      case "message":
      case "announce":
        void this.#act(socket, attachment, command);
        return;
      case "resume":
        this.#resume(socket, command.epoch, command.to);
        return;
      case "seen":
        this.#noteSeen(socket, command);
        if (attachment.behind) this.#sendSnapshot(socket);
        return;
      case "subscribe": {
        const students = [...new Set(command.students)].filter((student) =>
          this.#deps.concerns(attachment, student),
        );
        this.#attach(socket, { ...attachment, students });
        // Its next frame is a snapshot, which has the runs too; one that starts where others are would leave a gap.
        if (attachment.behind) return;
        const runs = students.flatMap((student) => this.#deps.runs(student));
        // Continues behind what has been sent: changes may be waiting for their frame.
        const version = Math.max(this.#sentVersion, this.#sentTo.get(socket) ?? 0);
        if (runs.length > 0) this.#sendFrame(socket, { ...this.#patch(version, runs), to: version });
      }
    }
  }

  async #act(socket: Socket, attachment: Attachment, command: ActionCommand): Promise<void> {
    const { id, ...action } = command;
    const named = id === undefined ? {} : { id };
    const answer = await this.#deps.act(claimsOf(attachment), action).catch(() => unknownOutcome);
    if (answer.ok) {
      const frame: DoneFrame = { type: "done", ...named, ...answer.value };
      return sendQuietly(socket, JSON.stringify(frame));
    }
    sendRefusal(socket, answer.refusal, id);
  }

  /** Of entities, those that a watcher may see; of students who moved away, that they are gone. */
  #shownTo(
    attachment: Attachment,
    entities: readonly Entity[],
    moved: ReadonlySet<string> = new Set(),
  ): readonly Entity[] {
    if (!attachment.sections) return entities;
    return entities.flatMap((entity): Entity[] => {
      if (entity.kind === "class" && entity.data?.notSharing) {
        const notSharing = entity.data.notSharing.filter((id) => this.#deps.concerns(attachment, id));
        return [{ ...entity, data: { ...entity.data, notSharing } }];
      }
      if (entity.kind !== "student" || this.#deps.concerns(attachment, entity.id)) return [entity];
      return moved.has(entity.id) ? [{ ...entity, data: null }] : [];
    });
  }

  #resume(socket: Socket, epoch: string, to: number): void {
    // Who has changed sections since is in no patch.
    if (this.#attachmentOf(socket)?.sections) return this.#sendSnapshot(socket);
    if (epoch !== this.#deps.epoch() || to > this.#deps.version()) {
      this.#sendSnapshot(socket);
      return;
    }
    const patch = this.#patch(to, [...this.#deps.entitiesSince(to), ...this.#followedRuns(socket)]);
    this.#noteSeen(socket, { epoch, to });
    this.#catchUp(socket);
    this.#sendFrame(socket, patch);
  }

  #sendSnapshot(socket: Socket): void {
    // Read first: a watcher counts as one that keeps up only once there is something to send it.
    const attachment = this.#attachmentOf(socket);
    const known = this.#deps.entitiesSince(-1);
    const entities = [...(attachment ? this.#shownTo(attachment, known) : []), ...this.#followedRuns(socket)];
    const { now, epoch, version } = this.#deps;
    this.#catchUp(socket);
    this.#sendFrame(socket, { type: "snapshot", epoch: epoch(), to: version(), at: now(), entities });
  }

  /** What is not seen yet still counts: a dashboard that is slow for long is never sent more than it can hold. */
  #noteSeen(socket: Socket, seen: { readonly epoch: string; readonly to: number }): void {
    if (seen.epoch !== this.#deps.epoch()) return;
    const unseen = this.#unseen.get(socket) ?? [];
    this.#unseen.set(
      socket,
      unseen.filter((version) => version > seen.to),
    );
  }

  #catchUp(socket: Socket): void {
    const attachment = this.#attachmentOf(socket);
    if (attachment?.behind) this.#attach(socket, { ...attachment, behind: false });
  }

  #isWelcome(socket: Socket, attachment: Attachment): boolean {
    const checked = this.#deps.check(claimsOf(attachment));
    if (checked.ok) return true;
    dismiss(socket, checked.refusal);
    return false;
  }

  #attachmentOf(socket: Socket): Attachment | undefined {
    const known = this.#attachments.get(socket);
    if (known) return known;
    const parsed = v.safeParse(attachmentSchema, socket.deserializeAttachment());
    if (!parsed.success) return undefined;
    this.#attachments.set(socket, parsed.output);
    return parsed.output;
  }

  #attach(socket: Socket, attachment: Attachment): void {
    this.#attachments.set(socket, attachment);
    socket.serializeAttachment(attachment);
  }

  #followedRuns(socket: Socket): Entity[] {
    const attachment = this.#attachmentOf(socket);
    const followed = attachment?.students.filter((student) => this.#deps.concerns(attachment, student));
    return followed?.flatMap((student) => this.#deps.runs(student)) ?? [];
  }

  #patch(from: number, entities: Entity[]): PatchFrame {
    const { now, epoch, version } = this.#deps;
    return { type: "patch", epoch: epoch(), from, to: version(), at: now(), entities };
  }

  #sendFrame(socket: Socket, frame: Frame): void {
    const attachment = this.#attachmentOf(socket);
    if (attachment) this.#send(socket, attachment, JSON.stringify(frame), frame.to);
  }

  #send(socket: Socket, attachment: Attachment, text: string, to: number): void {
    const unseen = this.#unseen.get(socket) ?? [];
    if (unseen.length >= limits.unseenFrames) {
      this.#attach(socket, { ...attachment, behind: true });
      return;
    }
    this.#unseen.set(socket, [...unseen, to]);
    this.#sentTo.set(socket, to);
    sendQuietly(socket, text);
  }
}

type ActionCommand = Exclude<InstructorCommand, { type: "resume" | "seen" | "subscribe" }>;

const noCommand = refuse("invalid_body", "That is no command of this protocol.");
const unknownOutcome = refuse("unavailable", "It isn't known what became of that; ask for it once more.", {
  retryAfterMs: 1_000,
});

function claimsOf({ role: _role, students: _students, behind: _behind, ...actor }: Attachment): Actor {
  return actor;
}

function parseCommand(text: string): InstructorCommand | undefined {
  if (text.length > 16_384) return undefined;
  try {
    const parsed = v.safeParse(instructorCommandSchema, JSON.parse(text));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}
