import { bearerSubprotocolPrefix, liveSubprotocol, studentFrameSchema } from "@cell-monitor/protocol";
import * as v from "valibot";

import { Page, type SentEvent } from "../lesson.ts";
import type { Student } from "../system/system.ts";
import { textFrame } from "./frames.ts";
import { TextSocket } from "./text-socket.ts";

/** A frame that was made before it is due, and the name its acknowledgement bears. */
export interface ReadyFrame {
  readonly id: string;
  readonly bytes: Buffer;
}

const opensAtOnce = 20;

let frames = 0;

/** A frame of events, as a student's client sends it. */
export function eventsFrame(events: readonly SentEvent[], nowMs: number): ReadyFrame {
  frames += 1;
  const id = String(frames);
  const text = JSON.stringify({ type: "events", id, v: 1, sentAt: new Date(nowMs).toISOString(), events });
  return { id, bytes: textFrame(text) };
}

/** One student's page and its connection: frames up, and who waits for each of them told when it is acknowledged. */
export class StudentSocket {
  #page: Page;
  #socket: TextSocket | undefined;
  readonly #waiting = new Map<string, { resolve: () => void; reject: (error: Error) => void }>();

  private constructor(page: Page) {
    this.#page = page;
  }

  static async open(url: string, student: Student, page = new Page()): Promise<StudentSocket> {
    const opened = new StudentSocket(page);
    const path = `/api/v1/live/${student.classId}?session=${page.sessionId}`;
    const protocols = [liveSubprotocol, bearerSubprotocolPrefix + student.token];
    opened.#socket = await TextSocket.open(
      url + path,
      protocols,
      (text) => opened.#received(text),
      () => opened.#fail("The class closed a student's connection."),
    );
    return opened;
  }

  /** A socket of a worker that only answers; its answers are not held against any schema. */
  static async openBare(url: string, page = new Page()): Promise<StudentSocket> {
    const opened = new StudentSocket(page);
    opened.#socket = await TextSocket.open(url, [], (text) => opened.#landedBare(text));
    return opened;
  }

  /** The next events of its page in one frame. */
  next(size: number, nowMs: number): ReadyFrame {
    return eventsFrame(
      Array.from({ length: size }, () => this.#page.next(nowMs)),
      nowMs,
    );
  }

  /** Resolves when the frame is acknowledged; any other answer is a fault. */
  send({ id, bytes }: ReadyFrame): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.set(id, { resolve, reject });
    this.#socket?.sendFrame(bytes);
    return promise;
  }

  /** What was numbered and never taken leaves a gap; a new page has none. */
  turnPage(): void {
    this.#page = new Page();
  }

  close(): void {
    this.#socket?.close();
  }

  #received(text: string): void {
    const frame = v.parse(studentFrameSchema, JSON.parse(text));
    if (frame.type === "error") return this.#fail(`The class says ${frame.code}: ${frame.message}`, frame.id);
    if (frame.type !== "ack") return;
    if (frame.rejected.length > 0) return this.#fail(`Rejected: ${JSON.stringify(frame.rejected[0])}`);
    for (const id of frame.ids) this.#landed(id);
  }

  #landedBare(text: string): void {
    const id = /"(?:id|ids)":\[?"(\d+)"/.exec(text)?.[1];
    if (id !== undefined) this.#landed(id);
  }

  #landed(id: string): void {
    this.#waiting.get(id)?.resolve();
    this.#waiting.delete(id);
  }

  /** @param id of the frame that failed; all that are under way without one */
  #fail(message: string, id?: string): void {
    const failed = id === undefined ? [...this.#waiting.keys()] : [id];
    for (const one of failed) {
      this.#waiting.get(one)?.reject(new Error(message));
      this.#waiting.delete(one);
    }
  }
}

/** A connection for every student, a few being made at a time. */
export async function openAll(url: string, students: readonly Student[]): Promise<StudentSocket[]> {
  const sockets: StudentSocket[] = [];
  const entries = students.entries();
  const work = async (): Promise<void> => {
    for (const [index, student] of entries) sockets[index] = await StudentSocket.open(url, student);
  };
  await Promise.all(Array.from({ length: opensAtOnce }, work));
  return sockets;
}
