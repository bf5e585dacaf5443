import { pongText, type StudentFrame, studentFrameSchema } from "@cell-monitor/protocol";
import * as v from "valibot";
import { vi } from "vitest";
import { upgrade } from "./watch.ts";

export interface StudentSocket {
  readonly socket: WebSocket;
  readonly frames: readonly StudentFrame[];
  readonly closes: readonly number[];
  say(frame: unknown): void;
  /** Sends events under a name, and waits for no answer. */
  send(id: string, ...events: readonly object[]): void;
  /** The next frame that has not been taken yet. */
  next(): Promise<StudentFrame>;
  closed(): Promise<number>;
}

/** Connects as a student's page does. Every frame is held against the protocol. */
export async function studentSocket(path: string, token: string, search = ""): Promise<StudentSocket> {
  const response = await upgrade(path + search, token);
  const { webSocket: socket } = response;
  if (!socket) throw new Error(`not upgraded but ${response.status}: ${await response.text()}`);
  const frames: StudentFrame[] = [];
  const closes: number[] = [];
  socket.addEventListener("message", ({ data }) => {
    if (data !== pongText) frames.push(v.parse(studentFrameSchema, JSON.parse(String(data))));
  });
  socket.addEventListener("close", ({ code }) => {
    closes.push(code);
  });
  socket.accept();
  let taken = 0;
  const say = (frame: unknown) => socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
  return {
    socket,
    frames,
    closes,
    say,
    send: (id, ...events) => say({ type: "events", id, v: 1, sentAt: new Date().toISOString(), events }),
    next: () =>
      vi.waitFor(() => {
        const frame = frames[taken];
        if (!frame) throw new Error("no frame yet");
        taken += 1;
        return frame;
      }, 5_000),
    closed: () =>
      vi.waitFor(() => {
        const [code] = closes;
        if (code === undefined) throw new Error("not closed yet");
        return code;
      }, 5_000),
  };
}
