import { studentCredentialSchema } from "@cell-monitor/protocol";
import { beforeAll, describe, expect, it } from "vitest";
import {
  call,
  logged,
  newClass,
  newEvent,
  newInstructor,
  newStudent,
  post,
  read,
  type TestClass,
} from "../api.ts";
import { type Dashboard, dashboardOn, upgrade } from "../watch.ts";

let made: TestClass;
let dashboard: Dashboard;

beforeAll(async () => {
  made = await newClass();
  const { token } = await newInstructor(made);
  dashboard = dashboardOn(await upgrade(`/api/v1/live/${made.class.id}`, token));
});

describe("what a student is called", () => {
  it("is what they log in as until somebody says a name, which stays when nobody repeats it", async () => {
    const userId = `${crypto.randomUUID()}@class.example`;
    const { studentId } = await newStudent(made, userId);
    await post(made.key, newEvent({ userId }));
    await dashboard.student(studentId, ({ name }) => name === userId);
    await post(made.key, newEvent({ userId, userName: "Grace" }));
    await dashboard.student(studentId, ({ name }) => name === "Grace");
    await post(made.key, newEvent({ userId, eventType: "help", helpId: "h" }));
    const { name } = await dashboard.student(studentId, ({ help }) => help !== undefined);
    expect(name).toBe("Grace");
  });

  it("is no name in their events where the Hub gave none", async () => {
    const userId = crypto.randomUUID();
    const { token, studentId } = await newStudent(made, userId);
    await post(token, newEvent());
    const event = (await logged(made.class.id)).find(({ s }) => s === studentId)?.e;
    expect(event).toMatchObject({ userId });
    expect(event).not.toHaveProperty("userName");
  });

  it("is the name on the roster, whatever the Hub says, and in the team that stands there", async () => {
    const userId = crypto.randomUUID();
    const row = `user_id,name,team\n${userId},Grace Hopper,Navy\n`;
    const headers = { "content-type": "text/csv" };
    await call(`/api/v1/classes/${made.class.id}/roster`, { token: made.admin, body: row, headers });
    const body = { userId, userName: "ghopper", teamName: "none" };
    const minted = await call("/api/v1/auth/student-credential", { token: made.key, body });
    const { token, studentId } = await read(minted, studentCredentialSchema);
    await post(token, newEvent());
    const { name, team } = await dashboard.student(studentId, ({ seenMs }) => seenMs > 0);
    expect({ name, team }).toEqual({ name: "Grace Hopper", team: "Navy" });
  });

  it("is the name that the Hub gave", async () => {
    const body = { userId: crypto.randomUUID(), userName: "Ada" };
    const minted = await call("/api/v1/auth/student-credential", { token: made.key, body });
    const { token, studentId } = await read(minted, studentCredentialSchema);
    await post(token, newEvent());
    const { name } = await dashboard.student(studentId, ({ seenMs }) => seenMs > 0);
    expect(name).toBe("Ada");
  });
});
