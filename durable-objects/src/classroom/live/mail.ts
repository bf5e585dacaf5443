import {
  type NoticeFrame,
  notificationChannel,
  type StudentNotification,
  type SystemMessageFrame,
} from "@cell-monitor/protocol";
import type { Notices } from "../storage/notices.ts";
import { sendQuietly, type Socket } from "./socket.ts";

export interface MailDeps {
  readonly notices: Notices;
  now(): number;
  newId(): string;
  /** Connections of a student whose credential still stands. */
  sockets(studentId: string): readonly Socket[];
  /** Students with such a connection. */
  connected(): Iterable<string>;
}

/** Tells students what concerns them: at once if they are there, else when they come. */
export class Mail {
  readonly #deps: MailDeps;

  constructor(deps: MailDeps) {
    this.#deps = deps;
  }

  /** @returns whether the student has been told at once */
  tell(studentId: string, notification: StudentNotification): boolean {
    const { notices, now, newId } = this.#deps;
    const channel = notificationChannel(studentId);
    const frame: NoticeFrame = { ...notification, id: newId(), at: now(), channel };
    if (this.#send(studentId, frame)) return true;
    notices.keep(studentId, frame, now());
    return false;
  }

  /** @returns how many students have been told at once */
  announce(text: string, from: string | undefined): number {
    const { notices, now, newId, connected } = this.#deps;
    const frame: SystemMessageFrame = {
      type: "system_message",
      channel: "broadcast",
      id: newId(),
      at: now(),
      text,
      ...(from !== undefined && { from }),
    };
    const told = Array.from(connected()).filter((studentId) => this.#send(studentId, frame));
    notices.announce(frame, told, now());
    return told.length;
  }

  /** A connection is open: what has waited for its student. */
  greet(socket: Socket, studentId: string): void {
    for (const frame of this.take(studentId)) sendQuietly(socket, JSON.stringify(frame));
  }

  /** What has waited for a student, who is told now. */
  take(studentId: string): NoticeFrame[] {
    return this.#deps.notices.take(studentId, this.#deps.now());
  }

  /** Letters were removed by others. */
  reread(): void {
    this.#deps.notices.reread();
  }

  #send(studentId: string, frame: NoticeFrame): boolean {
    const sockets = this.#deps.sockets(studentId);
    for (const socket of sockets) sendQuietly(socket, JSON.stringify(frame));
    return sockets.length > 0;
  }
}
