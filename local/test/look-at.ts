import {
  bearerSubprotocolPrefix,
  instructorFrameSchema,
  liveSubprotocol,
  type SnapshotFrame,
} from "@cell-monitor/protocol";
import * as v from "valibot";

import type { Stack } from "../src/stack.ts";

/** What an instructor who looks at the class is shown first. */
export async function lookAt(stack: Stack): Promise<SnapshotFrame> {
  const address = `${stack.url.replace("http", "ws")}/api/v1/live/${stack.classId}`;
  const socket = new WebSocket(address, [
    liveSubprotocol,
    `${bearerSubprotocolPrefix}${stack.instructorToken}`,
  ]);
  try {
    const data = await new Promise((resolve, reject) => {
      socket.addEventListener("message", (message) => resolve(message.data), { once: true });
      socket.addEventListener("error", () => reject(new Error("The live view refused.")), { once: true });
    });
    const frame = v.parse(instructorFrameSchema, JSON.parse(String(data)));
    if (frame.type !== "snapshot") throw new Error(`not a snapshot: ${frame.type}`);
    return frame;
  } finally {
    socket.close();
  }
}
