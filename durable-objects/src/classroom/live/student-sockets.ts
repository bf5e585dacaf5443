import {
  type AckFrame,
  admit,
  type Batch,
  byteLength,
  closeCodes,
  type EventOwner,
  limits,
  openEnvelope,
  refuse,
  type Rejection,
  type Result,
  stamp,
  type StudentCommand,
  studentCommandSchema,
  type StudentFrame,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import { type ClassClaims, classClaimsSchema } from "../claims.ts";
import type { Decision } from "../ingest/decide.ts";
import type { LiveHolder } from "./holder.ts";
import { closeQuietly, dismiss, sendQuietly, sendRefusal, type Socket } from "./socket.ts";

/** What of a student's connection survives hibernation, on its socket. */
const studentAttachmentSchema = v.object({
  role: v.literal("student"),
  ...v.omit(classClaimsSchema, ["ticketId"]).entries,
  user: v.optional(v.string()),
  name: v.optional(v.string()),
  team: v.optional(v.string()),
  sessionId: v.optional(v.string()),
});
export type StudentAttachment = v.InferOutput<typeof studentAttachmentSchema>;

const allStudentsTag = "student";

/** Marks the connections of one student. */
export function studentTag(studentId: string): string {
  return `student/${studentId}`;
}

function sessionTag(studentId: string, sessionId: string): string {
  return `session/${studentId}/${sessionId}`;
}

export function studentTags({ subject, sessionId }: StudentAttachment): string[] {
  return [
    allStudentsTag,
    studentTag(subject),
    ...(sessionId === undefined ? [] : [sessionTag(subject, sessionId)]),
  ];
}

export interface StudentSocketsDeps {
  now(): number;
  sockets(tag: string): readonly Socket[];
  /** Whether a student's credential still stands. */
  check(claims: ClassClaims): Result<unknown>;
  /** Who holds a token for this class; refused if it is no student's. */
  verify(token: string): Promise<Result<LiveHolder>>;
  /** This side has closed a connection; the other may be long gone, and never confirm it. */
  closed(socket: Socket): void;
  /** Resolves in the committing turn. */
  record(batch: Batch): Promise<Result<Decision>>;
}

/** What a student's connection needs at every frame, read from its attachment once a waking. */
interface Connection {
  readonly claims: StudentAttachment;
  readonly owner: EventOwner;
}

/** The students' connections: their events up, what came of them down. */
export class StudentSockets {
  readonly #deps: StudentSocketsDeps;
  readonly #connections = new WeakMap<Socket, Connection>();
  /** Of the commit under way, by connection: one frame answers all that a connection sent into it. */
  readonly #acks = new Map<Socket, AckFrame>();

  constructor(deps: StudentSocketsDeps) {
    this.#deps = deps;
  }

  /** A page that lost its connection and came back may have left the old one half open. */
  opened(socket: Socket, { subject, sessionId }: StudentAttachment): void {
    if (sessionId === undefined) return;
    for (const other of this.#deps.sockets(sessionTag(subject, sessionId))) {
      if (other === socket) continue;
      closeQuietly(other, closeCodes.replaced, "Replaced by another connection.");
      this.#deps.closed(other);
    }
  }

  /** Whose connection it is; undefined for one that is no student's. */
  ownerOf(socket: Socket): string | undefined {
    return this.#connectionOf(socket)?.owner.studentId;
  }

  /** Does what a frame asks; what is none of the protocol is answered with an error and nothing else happens. */
  receive(socket: Socket, message: string | ArrayBuffer): void {
    const connection = this.#connectionOf(socket);
    if (!connection || !this.#isWelcome(socket, connection.claims)) return;
    const read = readCommand(message);
    if (!read.ok) return sendRefusal(socket, read.refusal, undefined);
    const command = read.value;
    const units = typeof message === "string" ? message.length : message.byteLength;
    if (command.type === "renew") void this.#renew(socket, connection.claims, command.token);
    else void this.#events(socket, connection.owner, command, units);
  }

  /** Closes the connections whose credential no longer stands. */
  dismissUnwelcome(): void {
    this.#welcomeOf(allStudentsTag);
  }

  /** Connections of a student whose credential still stands. */
  connectionsOf(studentId: string): readonly Socket[] {
    return this.#welcomeOf(studentTag(studentId));
  }

  /** Students with such a connection. */
  connected(): Set<string> {
    return new Set(this.#welcomeOf(allStudentsTag).flatMap((socket) => this.ownerOf(socket) ?? []));
  }

  #welcomeOf(tag: string): readonly Socket[] {
    return this.#deps.sockets(tag).filter((socket) => {
      const connection = this.#connectionOf(socket);
      return connection !== undefined && this.#isWelcome(socket, connection.claims);
    });
  }

  #isWelcome(socket: Socket, claims: ClassClaims): boolean {
    const checked = this.#deps.check(claims);
    if (checked.ok) return true;
    dismiss(socket, checked.refusal);
    this.#deps.closed(socket);
    return false;
  }

  async #events(
    socket: Socket,
    owner: EventOwner,
    command: StudentCommand & { type: "events" },
    units: number,
  ) {
    const { id } = command;
    const envelope = openEnvelope(command);
    if (!envelope.ok) return sendRefusal(socket, envelope.refusal, id);
    const { events: sent, sentMs } = envelope.value;
    const receivedMs = this.#deps.now();
    const { rejected, ...stamped } = stamp(admit(sent, { receivedMs, sentMs }), sent, () => owner);
    try {
      const recorded = await this.#deps.record({ receivedMs, ...stamped, units });
      if (recorded.ok) this.#answer(socket, id, recorded.value, rejected);
      else sendRefusal(socket, recorded.refusal, id);
    } catch {
      const { refusal } = refuse(
        "unavailable",
        "It isn't known what became of the events; send them again.",
        {
          retryAfterMs: 1_000,
        },
      );
      sendRefusal(socket, refusal, id);
    }
  }

  #answer(socket: Socket, id: string, decision: Decision, refused: readonly Rejection[]): void {
    const { accepted, duplicates, acks } = decision;
    const rejected = [...refused, ...decision.rejected].sort((a, b) => a.index - b.index);
    const frame: AckFrame = { type: "ack", ids: [id], accepted, duplicates, rejected, acks: [...acks] };
    if (rejected.length > 0) return sendFrame(socket, frame);
    const waiting = this.#acks.get(socket);
    if (waiting) return join(waiting, frame);
    // All that a commit answers is answered in one turn of microtasks: when this one's turn comes, they are through.
    if (this.#acks.size === 0) queueMicrotask(() => this.#sendAcks());
    this.#acks.set(socket, frame);
  }

  #sendAcks(): void {
    for (const [socket, frame] of this.#acks) sendFrame(socket, frame);
    this.#acks.clear();
  }

  async #renew(socket: Socket, { subject, sessionId }: StudentAttachment, token: string): Promise<void> {
    const verified = await this.#deps.verify(token).catch(() => notVerified);
    if (!verified.ok) return sendRefusal(socket, verified.refusal, undefined);
    const { ticketId: _, ...holder } = verified.value;
    if (holder.role !== "student" || holder.subject !== subject) {
      const { refusal } = refuse("forbidden", "The token is not of the student who holds this connection.");
      return sendRefusal(socket, refusal, undefined);
    }
    // Renewals may overtake each other: what stands is not put back to an older one.
    const standing = this.#connectionOf(socket)?.claims.expiresMs ?? 0;
    if (!this.#isWelcome(socket, holder) || holder.expiresMs < standing) return;
    const claims = { ...holder, role: "student" as const, ...(sessionId !== undefined && { sessionId }) };
    socket.serializeAttachment(claims);
    this.#connections.set(socket, connectionOf(claims));
  }

  #connectionOf(socket: Socket): Connection | undefined {
    let connection = this.#connections.get(socket);
    if (connection) return connection;
    const parsed = v.safeParse(studentAttachmentSchema, socket.deserializeAttachment());
    if (!parsed.success) return undefined;
    connection = connectionOf(parsed.output);
    this.#connections.set(socket, connection);
    return connection;
  }
}

const notVerified = refuse("unavailable", "The token could not be looked at; send it again.", {
  retryAfterMs: 1_000,
});

function connectionOf(claims: StudentAttachment): Connection {
  return {
    claims,
    owner: {
      studentId: claims.subject,
      userId: claims.user,
      userName: claims.name,
      teamName: claims.team,
    },
  };
}

function join(waiting: AckFrame, { ids, accepted, duplicates, acks }: AckFrame): void {
  waiting.ids.push(...ids);
  waiting.accepted += accepted;
  waiting.duplicates += duplicates;
  // The later account of a session says all that the earlier one said.
  const sessions = new Set(acks.map(({ sessionId }) => sessionId));
  waiting.acks = [...waiting.acks.filter(({ sessionId }) => !sessions.has(sessionId)), ...acks];
}

function readCommand(message: string | ArrayBuffer): Result<StudentCommand> {
  if (typeof message !== "string") return refuse("unsupported_media_type", "Frames are text.");
  const { length } = message;
  if (
    length > limits.batchBytes ||
    (length * 3 > limits.batchBytes && byteLength(message) > limits.batchBytes)
  ) {
    return refuse("body_too_large", `A frame may have at most ${limits.batchBytes} bytes.`);
  }
  let body: unknown;
  try {
    body = JSON.parse(message);
  } catch {
    return refuse("invalid_json", "The frame is no JSON.");
  }
  const parsed = v.safeParse(studentCommandSchema, body);
  if (parsed.success) return { ok: true, value: parsed.output };
  return refuse("invalid_body", "That is no frame of this protocol.");
}

function sendFrame(socket: Socket, frame: StudentFrame): void {
  sendQuietly(socket, JSON.stringify(frame));
}
