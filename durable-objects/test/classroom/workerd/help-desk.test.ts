import { type InstructorFrame, type StudentFrame, studentFrameSchema } from "@cell-monitor/protocol";
import { evictDurableObject } from "cloudflare:test";
import * as v from "valibot";
import { expect, test, vi } from "vitest";
import { ada, batchOf, grace } from "../batches.ts";
import { claimsOf, type ClassStub, newClass, send, settingsOf } from "./class.ts";
import { snapshotOf, upgrade, type Watch, watch } from "./watch.ts";

const raised = { eventType: "help", helpId: "h" };
const teacher = { ...claimsOf({ subject: "teacher" }), name: "Ms Hopper" };
const other = { ...claimsOf({ subject: "other" }), name: "Mr Turing" };

async function framesOf(stub: ClassStub, subject: string): Promise<StudentFrame[]> {
  const { webSocket: socket } = await upgrade(stub, { subject, role: "student" });
  if (!socket) throw new Error("not upgraded");
  const frames: StudentFrame[] = [];
  socket.addEventListener("message", ({ data }) => {
    frames.push(v.parse(studentFrameSchema, JSON.parse(String(data))));
  });
  socket.accept();
  return frames;
}

async function helpOf(stub: ClassStub, studentId: string) {
  const { entities } = await snapshotOf(stub);
  const found = entities.find(({ kind, id }) => kind === "student" && id === studentId);
  return found?.kind === "student" ? found.data?.help : undefined;
}

const answerTo = (dashboard: Watch, id: string) =>
  vi.waitFor((): InstructorFrame => {
    const found = dashboard.frames.find((frame) => "id" in frame && frame.id === id);
    if (!found) throw new Error("not answered yet");
    return found;
  });

const shownIn = (frames: readonly InstructorFrame[]) =>
  frames.flatMap((frame) =>
    "entities" in frame
      ? frame.entities.flatMap(({ kind, id, data }) =>
          kind === "student" ? [{ id, isThere: data !== null }] : [],
        )
      : [],
  );

test("of two who claim at once one gets it, and the other is told who has it", async () => {
  const stub = await newClass();
  await send(stub, batchOf([raised]));
  const first = await watch(stub, teacher);
  const second = await watch(stub, other);
  first.say({ type: "help_claim", helpId: "h", id: "1" });
  second.say({ type: "help_claim", helpId: "h", id: "1" });
  const answers = [await answerTo(first, "1"), await answerTo(second, "1")];
  expect(answers.map(({ type }) => type).sort()).toEqual(["done", "error"]);
  const holder = await vi.waitFor(async () => (await helpOf(stub, ada))?.claimedBy?.name);
  expect(answers.find(({ type }) => type === "error")).toMatchObject({
    code: "conflict",
    message: `${holder} is on the way already.`,
  });
});

test("a claim outlives the class's sleep, and is shown to the student and to whoever watches", async () => {
  const stub = await newClass();
  const frames = await framesOf(stub, ada);
  await send(stub, batchOf([raised, { ...raised, helpId: "g", studentId: grace }]));
  const dashboard = await watch(stub);
  expect(await stub.act(teacher, { type: "help_claim", helpId: "h" })).toMatchObject({ ok: true });
  await expect.poll(() => frames.at(-1)).toMatchObject({ state: "claimed", claimedBy: "Ms Hopper" });
  await expect.poll(() => JSON.stringify(dashboard.frames)).toContain('"claimedBy":{"id":"teacher"');
  await evictDurableObject(stub);
  expect(await stub.helpRequests(teacher)).toMatchObject({
    value: [
      { help_id: "h", claimed_by: { id: "teacher", name: "Ms Hopper" } },
      { help_id: "g", claimed_by: null },
    ],
  });
  await stub.act(other, { type: "help_release", helpId: "h" });
  expect((await helpOf(stub, ada))?.claimedBy).toBeUndefined();
});

test("a resolve ends the request for good, and a hand that is raised again is nobody's", async () => {
  const stub = await newClass();
  await send(stub, batchOf([raised], [], Date.now() + 60_000));
  await stub.act(teacher, { type: "help_claim", helpId: "h" });
  await stub.act(teacher, { type: "help_resolve", helpId: "h", note: "Off by one" });
  expect(await helpOf(stub, ada)).toBeUndefined();
  expect(await stub.act(teacher, { type: "help_resolve", helpId: "h" })).toMatchObject({
    refusal: { code: "not_found" },
  });
  await send(stub, batchOf([raised], [], Date.now() + 120_000));
  expect(await helpOf(stub, ada)).toMatchObject({ helpId: "h" });
  expect((await helpOf(stub, ada))?.claimedBy).toBeUndefined();
});

test("what is written to a student waits until they connect or send, and is told once", async () => {
  const stub = await newClass();
  await send(stub, batchOf([{}, { studentId: grace }]));
  const write = (text: string) => stub.act(teacher, { type: "message", studentId: ada, text });
  for (let number = 1; number <= 21; number += 1)
    expect(await write(`${number}`)).toMatchObject({ value: { reached: 0 } });
  await stub.act(teacher, { type: "announce", text: "Break" });
  await evictDurableObject(stub);
  const answer = await stub.ingest(claimsOf({ subject: ada }), batchOf([{}]));
  if (!answer.ok) throw new Error("not taken");
  const told = answer.value.notifications.flatMap((frame) => ("text" in frame ? frame.text : []));
  expect(told).toEqual([...Array.from({ length: 20 }, (_, index) => `${index + 2}`), "Break"]);
  expect(await stub.ingest(claimsOf({ subject: ada }), batchOf([{}]))).toMatchObject({
    value: { notifications: [] },
  });
  const frames = await framesOf(stub, grace);
  await expect
    .poll(() => frames)
    .toMatchObject([{ type: "system_message", text: "Break", from: "Ms Hopper" }]);
  await stub.act(teacher, { type: "message", studentId: grace, text: "Hello" });
  await expect
    .poll(() => frames.at(-1))
    .toMatchObject({
      type: "message",
      channel: `notifications:${grace}`,
      text: "Hello",
    });
});

test("a grade reaches its student, now or later", async () => {
  const stub = await newClass();
  const graded = {
    type: "assignment_graded",
    assignmentId: "a",
    submissionId: "s",
    grade: 9,
    title: "Loops",
  } as const;
  expect(await stub.notify(teacher, ada, graded)).toEqual({ ok: true, value: false });
  const frames = await framesOf(stub, ada);
  await expect.poll(() => frames).toMatchObject([graded]);
  expect(await stub.notify(teacher, ada, graded)).toEqual({ ok: true, value: true });
});

test("who is confined to sections sees and does what concerns their students alone", async () => {
  const stub = await newClass({ sections: { [ada]: "one", [grace]: "two" } });
  await send(stub, batchOf([raised, { ...raised, helpId: "g", studentId: grace }]));
  const assistant = { ...teacher, sections: ["one"] };
  const dashboard = await watch(stub, assistant);
  await dashboard.next();
  expect(shownIn(dashboard.frames)).toEqual([{ id: ada, isThere: true }]);
  expect(await stub.helpRequests(assistant)).toMatchObject({ value: [{ student_id: ada }] });
  expect(await stub.act(assistant, { type: "help_claim", helpId: "g" })).toMatchObject({ ok: false });
  expect(await stub.act(assistant, { type: "message", studentId: grace, text: "x" })).toMatchObject({
    ok: false,
  });
  expect(await stub.act(assistant, { type: "announce", text: "x" })).toMatchObject({
    refusal: { code: "forbidden" },
  });
  expect(await stub.completeness(assistant, { skip: 0, limit: 9 })).toMatchObject({
    value: { totals: { students: 1 } },
  });
  await stub.configure(settingsOf({ version: 2, sections: { [ada]: "two", [grace]: "one" } }));
  await vi.waitFor(() => expect(shownIn(dashboard.frames.slice(1))).toHaveLength(2));
  expect(shownIn(dashboard.frames.slice(1))).toEqual(
    expect.arrayContaining([
      { id: ada, isThere: false },
      { id: grace, isThere: true },
    ]),
  );
});
