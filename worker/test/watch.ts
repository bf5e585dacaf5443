import {
  type Entity,
  type InstructorFrame,
  instructorFrameSchema,
  liveSubprotocol,
  pongText,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import { vi } from "vitest";
import { call } from "./api.ts";

/** Asks for an upgrade with a bearer among the subprotocols, as a page does that has no cookie. */
export function upgrade(
  path: string,
  token: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  const protocols = `${liveSubprotocol}, bearer.${token}`;
  return call(path, { headers: { upgrade: "websocket", "sec-websocket-protocol": protocols, ...headers } });
}

export interface Dashboard {
  readonly frames: readonly InstructorFrame[];
  readonly socket: WebSocket;
  say(command: unknown): void;
  /** The next frame that has not been taken yet. */
  next(): Promise<InstructorFrame>;
  /** What is known of a student once that is as wanted. */
  student(id: string, isWanted: (data: StudentEntityData) => boolean): Promise<StudentEntityData>;
  close(): void;
}
type StudentEntityData = NonNullable<Extract<Entity, { kind: "student" }>["data"]>;

/** A connection that was let in. Every frame is held against the protocol. */
export function dashboardOn(response: Response): Dashboard {
  const { webSocket: socket } = response;
  if (!socket) throw new Error(`not upgraded but ${response.status}`);
  const frames: InstructorFrame[] = [];
  socket.addEventListener("message", ({ data }) => {
    if (data === pongText) return;
    frames.push(v.parse(instructorFrameSchema, JSON.parse(String(data))));
  });
  socket.accept();
  let taken = 0;
  return {
    frames,
    socket,
    say: (command) => socket.send(typeof command === "string" ? command : JSON.stringify(command)),
    next: () =>
      vi.waitFor(() => {
        const frame = frames[taken];
        if (!frame) throw new Error("no frame yet");
        taken += 1;
        return frame;
      }, 5_000),
    student: (id, isWanted) =>
      vi.waitFor(() => {
        const data = latestOf(frames, id);
        if (!data || !isWanted(data)) throw new Error(`not as wanted but ${JSON.stringify(data)}`);
        return data;
      }, 5_000),
    close: () => socket.close(1000),
  };
}

function latestOf(frames: readonly InstructorFrame[], id: string): StudentEntityData | undefined {
  const entities = frames.flatMap((frame) => ("entities" in frame ? frame.entities : []));
  const latest = entities.findLast((entity) => entity.kind === "student" && entity.id === id);
  return latest?.kind === "student" ? (latest.data ?? undefined) : undefined;
}
