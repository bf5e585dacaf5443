import { type InstructorFrame, instructorFrameSchema, liveSubprotocol } from "@cell-monitor/protocol";
import * as v from "valibot";
import { vi } from "vitest";
import type { ClassClaims } from "../../../src/classroom/claims.ts";
import { liveHolderHeader } from "../../../src/classroom/live/open-live.ts";
import type { LiveHolder } from "../../../src/classroom/live/holder.ts";
import { claimsOf, type ClassStub } from "./class.ts";

export interface Watch {
  readonly socket: WebSocket;
  readonly frames: InstructorFrame[];
  readonly closes: number[];
  say(command: object): void;
  /** The next frame that has not been taken yet. */
  next(): Promise<InstructorFrame>;
}

export function upgrade(stub: ClassStub, holder: Partial<LiveHolder> = {}, search = ""): Promise<Response> {
  const headers = {
    upgrade: "websocket",
    "sec-websocket-protocol": liveSubprotocol,
    [liveHolderHeader]: JSON.stringify({ role: "instructor", ...claimsOf(), ...holder }),
  };
  return stub.fetch(`https://class.example/live${search}`, { headers });
}

/** How an upgrade that should be refused is answered. */
export async function statusOf(stub: ClassStub, claims: Partial<ClassClaims>): Promise<number> {
  const response = await upgrade(stub, claims);
  // A class whose answer is still being read does not sleep.
  await response.text();
  return response.status;
}

/** Connects as a dashboard does. */
export async function watch(stub: ClassStub, claims: Partial<ClassClaims> = {}, search = ""): Promise<Watch> {
  const { webSocket: socket } = await upgrade(stub, claims, search);
  if (!socket) throw new Error("not upgraded");
  const frames: InstructorFrame[] = [];
  const closes: number[] = [];
  socket.addEventListener("message", ({ data }) => {
    frames.push(v.parse(instructorFrameSchema, JSON.parse(String(data))));
  });
  socket.addEventListener("close", ({ code }) => {
    closes.push(code);
  });
  socket.accept();
  let taken = 0;
  return {
    socket,
    frames,
    closes,
    say: (command) => socket.send(JSON.stringify(command)),
    next: () =>
      vi.waitFor(() => {
        const frame = frames[taken];
        if (!frame) throw new Error("no frame yet");
        taken += 1;
        return frame;
      }, 5_000),
  };
}

/** What a new dashboard is shown. */
export async function snapshotOf(stub: ClassStub) {
  const { socket, next } = await watch(stub);
  const frame = await next();
  socket.close(1000);
  if (frame.type !== "snapshot") throw new Error(`no snapshot but ${frame.type}`);
  const { at: _, ...shown } = frame;
  return shown;
}
