import {
  bearerSubprotocolPrefix,
  type Entity,
  eventsAnswerSchema,
  instructorFrameSchema,
  liveSubprotocol,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import type { Announcement } from "./stack-process.ts";

/** What the class shows to an instructor who comes now. */
async function snapshotOf({ url, classId, instructorToken }: Announcement): Promise<readonly Entity[]> {
  const protocols = [liveSubprotocol, bearerSubprotocolPrefix + instructorToken];
  const socket = new WebSocket(`${url.replace(/^http/, "ws")}/api/v1/live/${classId}`, protocols);
  try {
    const data = await new Promise<unknown>((resolve, reject) => {
      socket.addEventListener("message", (message) => resolve(message.data));
      socket.addEventListener("error", () => reject(new Error("The class did not open a live connection.")));
      socket.addEventListener("close", ({ code }) => reject(new Error(`The class closed: ${code}`)));
    });
    const frame = v.parse(instructorFrameSchema, JSON.parse(v.parse(v.string(), data)));
    if (frame.type !== "snapshot") throw new Error(`A snapshot should come first, not ${frame.type}.`);
    return frame.entities;
  } finally {
    socket.close();
  }
}

/** The student of this name, as the class shows them now. */
export async function studentNamed(stack: Announcement, name: string) {
  const entities = await snapshotOf(stack);
  return entities.flatMap((entity) =>
    entity.kind === "student" && entity.data?.name === name ? [{ id: entity.id, ...entity.data }] : [],
  )[0];
}

/** Sends one batch of events, and says what the class took. Rejects when nobody knows whether it did. */
export async function sendEvents(url: string, token: string, events: readonly object[]) {
  const response = await fetch(`${url}/api/v1/events`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ v: 1, sentAt: new Date().toISOString(), events }),
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  return v.parse(eventsAnswerSchema, await response.json());
}

/** What a student's extension tells of a run that went well. */
export function finishedRun(sessionId: string, sequence: number) {
  const nowMs = Date.now();
  return {
    eventId: `${sessionId}-${sequence}`,
    eventType: "cell_execution_complete",
    eventTime: new Date(nowMs).toISOString(),
    sessionId,
    sequence,
    notebookPath: "lesson.ipynb",
    cellId: `cell-${sequence % 7}`,
    cellIndex: sequence % 7,
    cellType: "code",
    executionId: `${sessionId}-run-${sequence}`,
    status: "ok",
    startedAt: new Date(nowMs - 20).toISOString(),
    finishedAt: new Date(nowMs).toISOString(),
    executionDurationMs: 20,
    executionCount: sequence,
  };
}
