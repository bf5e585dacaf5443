import { limits, type StudentFrame, studentFrameSchema } from "@cell-monitor/protocol";
import * as v from "valibot";
import { expect, test } from "vitest";
import { ada, grace } from "../batches.ts";
import { type ClassStub, newClass } from "./class.ts";
import { upgrade } from "./watch.ts";

async function open(
  stub: ClassStub,
  subject: string,
): Promise<{ socket: WebSocket; frames: StudentFrame[] }> {
  const { webSocket: socket } = await upgrade(stub, { subject, role: "student" });
  if (!socket) throw new Error("not upgraded");
  const frames: StudentFrame[] = [];
  socket.addEventListener("message", ({ data }) => {
    frames.push(v.parse(studentFrameSchema, JSON.parse(String(data))));
  });
  socket.accept();
  return { socket, frames };
}

const frameOf = (id: string) => JSON.stringify({ type: "events", id, v: 1, events: [{ eventId: id }] });

test("a student has so many connections and no more, whatever others have", async () => {
  const stub = await newClass();
  for (let opened = 0; opened < limits.studentConnections; opened += 1) await open(stub, ada);
  const refused = await upgrade(stub, { subject: ada, role: "student" });
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "30"]);
  expect((await upgrade(stub, { subject: grace, role: "student" })).status).toBe(101);
});

test("a flood from one connection is told to wait, and another's frames are taken", async () => {
  const stub = await newClass();
  const [loud, quiet] = [await open(stub, ada), await open(stub, grace)];
  const sent = limits.studentFrames.burst * 3;
  for (let number = 0; number < sent; number += 1) loud.socket.send(frameOf(`${number}`));
  quiet.socket.send(frameOf("quiet"));
  await expect.poll(() => quiet.frames, { timeout: 20_000 }).toMatchObject([{ type: "ack", ids: ["quiet"] }]);
  const refused = loud.frames.filter((frame) => frame.type === "error");
  expect(refused.at(-1)).toMatchObject({ code: "rate_limited", id: expect.any(String), retryAfterMs: 1 });
}, 30_000);
