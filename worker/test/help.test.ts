import {
  actionAnswerSchema,
  bearerSchema,
  groupResponseSchema,
  helpRequestListSchema,
  memberResponseSchema,
} from "@cell-monitor/protocol";
import { beforeAll, describe, expect, it, vi } from "vitest";
import {
  call,
  codeOf,
  newClass,
  newEvent,
  newInstructor,
  newStudent,
  post,
  read,
  type TestClass,
} from "./api.ts";
import { studentSocket } from "./student.ts";
import { dashboardOn, upgrade } from "./watch.ts";

let made: TestClass;
let teacher: string;
let colleague: string;

beforeAll(async () => {
  made = await newClass();
  [teacher, colleague] = [(await newInstructor(made)).token, (await newInstructor(made)).token];
});

const path = (rest: string) => `/api/v1/classes/${made.class.id}/${rest}`;
const ask = (rest: string, body: object, token = teacher) => call(path(rest), { token, body });
const waiting = async (token = teacher) => read(await call(path("help"), { token }), helpRequestListSchema);

async function newWaiting(userId = crypto.randomUUID()) {
  const student = await newStudent(made, userId);
  const helpId = `${crypto.randomUUID()}-help-1`;
  await post(student.token, newEvent({ eventType: "help", helpId, note: "Why?" }));
  return { ...student, helpId };
}

describe("a request for help", () => {
  it("is claimed by one, given up, and ended, which the student is told", async () => {
    const { helpId, studentId, token } = await newWaiting();
    const page = await studentSocket(`/api/v1/live/${made.class.id}`, token);
    expect(await waiting()).toMatchObject([{ help_id: helpId, note: "Why?", claimed_by: null }]);
    await read(await ask(`help/${helpId}/claim`, {}), actionAnswerSchema);
    expect(await codeOf(await ask(`help/${helpId}/claim`, {}, colleague))).toBe("conflict");
    await vi.waitFor(() =>
      expect(page.frames.at(-1)).toMatchObject({ type: "help_state", state: "claimed", claimedBy: "Ada" }),
    );
    await read(await ask(`help/${helpId}/release`, { student_id: studentId }), actionAnswerSchema);
    await read(await ask(`help/${helpId}/claim`, {}, colleague), actionAnswerSchema);
    await read(await ask(`help/${helpId}/resolve`, { note: "Off by one" }, colleague), actionAnswerSchema);
    await vi.waitFor(() => expect(page.frames.at(-1)).toMatchObject({ helpId, state: "closed" }));
    expect(await waiting()).toEqual([]);
    expect(await codeOf(await ask(`help/${helpId}/resolve`, {}))).toBe("not_found");
  });

  it("is not the student's to claim, nor a stranger's", async () => {
    const { helpId, token } = await newWaiting();
    const stranger = (await newInstructor(await newClass())).token;
    expect(await codeOf(await ask(`help/${helpId}/claim`, {}, token))).toBe("forbidden");
    expect(await codeOf(await ask(`help/${helpId}/claim`, {}, stranger))).toBe("class_not_found");
    const forged = newEvent({ eventType: "help_claim", helpId, metadata: { by: "me" } });
    expect(await codeOf(await call("/api/v1/events", { token, body: forged }))).toBe("no_good_event");
    await ask(`help/${helpId}/resolve`, {});
  });

  it("of a student in another section is none of an assistant's business", async () => {
    const userId = crypto.randomUUID();
    const [own, other] = [await newWaiting(userId), await newWaiting()];
    const { admin } = made;
    const section = await read(
      await call("/api/v1/sections", { token: admin, body: { class_id: made.class.id, name: "One" } }),
      groupResponseSchema,
    );
    const email = `${crypto.randomUUID()}@class.example`;
    const body = { email, name: "Tim", role: "ta", section_ids: [section.id] };
    const assistant = await read(
      await call(path("instructors"), { token: admin, body }),
      memberResponseSchema,
    );
    const issued = await call(path("instructor-tokens"), {
      token: admin,
      body: { instructor_id: assistant.id },
    });
    const { token } = await read(issued, bearerSchema);
    const dashboard = dashboardOn(await upgrade(`/api/v1/live/${made.class.id}`, token));
    expect(await waiting(token)).toEqual([]);
    const placed = await call(path("enrolments"), {
      token: admin,
      body: { user_id: userId, section_id: section.id },
    });
    expect(placed.status).toBeLessThan(300);
    await dashboard.student(own.studentId, ({ help }) => help?.helpId === own.helpId);
    expect(await waiting(token)).toMatchObject([{ help_id: own.helpId }]);
    expect(JSON.stringify(dashboard.frames)).not.toContain(other.studentId);
    expect(await codeOf(await ask(`help/${other.helpId}/claim`, {}, token))).toBe("not_found");
    dashboard.close();
  });
});

describe("what is written", () => {
  it("reaches a student who is there at once, and another along with the next answer", async () => {
    made = await newClass();
    teacher = (await newInstructor(made)).token;
    const [there, away] = [await newStudent(made), await newStudent(made)];
    await post(there.token, newEvent());
    await post(away.token, newEvent());
    const page = await studentSocket(`/api/v1/live/${made.class.id}`, there.token);
    const told = async (response: Promise<Response>) => read(await response, actionAnswerSchema);
    expect(await told(ask("messages", { student_id: there.studentId, text: " Look at line 3 " }))).toEqual({
      reached: 1,
    });
    await vi.waitFor(() =>
      expect(page.frames).toMatchObject([{ type: "message", text: "Look at line 3", from: "Ada" }]),
    );
    expect(await told(ask("messages", { student_id: away.studentId, text: "Hello" }))).toEqual({
      reached: 0,
    });
    expect(await told(ask("announcements", { text: "Break" }))).toEqual({ reached: 1 });
    const { notifications } = await post(away.token, newEvent());
    expect(notifications).toMatchObject([
      { type: "message", text: "Hello" },
      { type: "system_message", channel: "broadcast", text: "Break" },
    ]);
    expect((await post(away.token, newEvent())).notifications).toEqual([]);
  });

  it("is some text, to a student of the class", async () => {
    expect(await codeOf(await ask("announcements", { text: "  " }))).toBe("invalid_body");
    expect(await codeOf(await ask("messages", { student_id: crypto.randomUUID(), text: "x" }))).toBe(
      "not_found",
    );
  });
});
