import {
  classRevocationSchema,
  closeCodes,
  keyResponseSchema,
  revocationSchema,
  studentCredentialSchema,
} from "@cell-monitor/protocol";
import { describe, expect, it } from "vitest";
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
import { logIn, sessionName, withSession } from "./sessions.ts";
import { studentSocket } from "./student.ts";
import { upgrade } from "./watch.ts";

const revokeAll = ({ class: { id }, admin }: TestClass, token = admin) =>
  call(`/api/v1/classes/${id}/revoke-all`, { method: "POST", token });
const revoke = ({ class: { id }, admin }: TestClass, studentId: string, token = admin) =>
  call(`/api/v1/classes/${id}/students/${studentId}/revoke`, { method: "POST", token });
const live = ({ class: { id } }: TestClass) => `/api/v1/live/${id}`;

/** The codes with which a dashboard's connection is closed. */
async function watch(made: TestClass, token: string): Promise<number[]> {
  return closesOf(await upgrade(live(made), token));
}

function closesOf({ webSocket: socket, status }: Response): number[] {
  if (!socket) throw new Error(`not upgraded but ${status}`);
  const closes: number[] = [];
  socket.addEventListener("close", ({ code }) => {
    closes.push(code);
  });
  socket.accept();
  return closes;
}

describe("a student whose credentials are revoked", () => {
  it("is cut off at once, and nobody else is", async () => {
    const made = await newClass();
    const [lost, kept] = [await newStudent(made), await newStudent(made)];
    const [lostSocket, keptSocket] = [
      await studentSocket(live(made), lost.token),
      await studentSocket(live(made), kept.token),
    ];
    const revoked = await read(await revoke(made, lost.studentId), revocationSchema);
    expect(revoked.subject).toBe(lost.studentId);
    expect(await lostSocket.closed()).toBe(closeCodes.revoked);
    expect(await codeOf(await call("/api/v1/events", { token: lost.token, body: newEvent() }))).toBe(
      "token_revoked",
    );
    expect(
      await codeOf(await call("/api/v1/auth/token", { body: { refreshToken: lost.refreshToken } })),
    ).toBe("token_revoked");
    expect((await upgrade(live(made), lost.token)).status).toBe(401);
    expect(await post(kept.token, newEvent())).toMatchObject({ accepted: 1 });
    expect(keptSocket.closes).toEqual([]);
  });

  it("comes back with what is given to them next, be it in the same second", async () => {
    const made = await newClass();
    const userId = crypto.randomUUID();
    const before = await newStudent(made, userId);
    await revoke(made, before.studentId);
    const after = await newStudent(made, userId);
    expect(after.studentId).toBe(before.studentId);
    expect(await post(after.token, newEvent())).toMatchObject({ accepted: 1 });
    expect((await call("/api/v1/auth/token", { body: { refreshToken: after.refreshToken } })).status).toBe(
      200,
    );
  });

  it("keeps what another class gave them", async () => {
    const [made, other] = [await newClass(), await newClass()];
    const userId = crypto.randomUUID();
    const elsewhere = await newStudent(other, userId);
    await revoke(made, elsewhere.studentId);
    expect(await post(elsewhere.token, newEvent())).toMatchObject({ accepted: 1 });
  });

  it("opens nothing with a ticket from before", async () => {
    const made = await newClass();
    const student = await newStudent(made);
    const answer = await call("/api/v1/auth/ticket", { method: "POST", token: student.token });
    const { ticket } = await answer.json<{ ticket: string }>();
    await revoke(made, student.studentId);
    expect((await upgrade(live(made), ticket)).status).toBe(401);
  });

  it("is revoked by their own class's staff alone, and as often as one likes", async () => {
    const made = await newClass();
    const student = await newStudent(made);
    const [own, stranger] = [await newInstructor(made), await newInstructor(await newClass())];
    expect(await codeOf(await revoke(made, student.studentId, stranger.token))).toBe("class_not_found");
    expect(await codeOf(await revoke(made, student.studentId, student.token))).toBe("forbidden");
    expect((await revoke(made, student.studentId, own.token)).status).toBe(200);
    expect((await revoke(made, student.studentId, own.token)).status).toBe(200);
  });
});

describe("a class of which all is revoked", () => {
  it("cuts off every student and key, and leaves its instructors connected", async () => {
    const made = await newClass();
    const student = await newStudent(made);
    const instructor = await newInstructor(made);
    const socket = await studentSocket(live(made), student.token);
    const closes = await watch(made, instructor.token);
    expect(await read(await revokeAll(made, instructor.token), classRevocationSchema)).toEqual({
      key_version: 2,
    });
    expect(await socket.closed()).toBe(closeCodes.revoked);
    expect(closes).toEqual([]);
    expect(await codeOf(await call("/api/v1/events", { token: student.token, body: newEvent() }))).toBe(
      "token_revoked",
    );
    expect(
      await codeOf(await call("/api/v1/auth/student-credential", { token: made.key, body: { userId: "a" } })),
    ).toBe("token_revoked");
    expect((await call(`/api/v1/classes/${made.class.id}`, { token: instructor.token })).status).toBe(200);

    const path = `/api/v1/classes/${made.class.id}/keys`;
    const { key } = await read(
      await call(path, { token: made.admin, body: { scopes: ["mint"] } }),
      keyResponseSchema,
    );
    const minted = await call("/api/v1/auth/student-credential", { token: key, body: { userId: "a" } });
    const again = await read(minted, studentCredentialSchema);
    expect(await post(again.token, newEvent())).toMatchObject({ accepted: 1 });
  });
});

describe("a person who logs out everywhere", () => {
  it("is cut off from what is open, on the page and by token, and nobody else is", async () => {
    const made = await newClass();
    const [ada, grace] = [await newInstructor(made), await newInstructor(made)];
    const session = await logIn(made, ada.id);
    const byToken = await watch(made, ada.token);
    const headers = {
      upgrade: "websocket",
      cookie: `${sessionName}=${session}`,
      origin: "https://class.example",
    };
    const byPage = closesOf(await call(live(made), { headers }));
    const others = await watch(made, grace.token);
    expect((await withSession(session, "/api/v1/auth/logout-everywhere", "POST")).status).toBe(204);
    await expect.poll(() => [byToken, byPage]).toEqual([[closeCodes.revoked], [closeCodes.revoked]]);
    expect(others).toEqual([]);
    expect((await upgrade(live(made), ada.token)).status).toBe(401);
  });
});

describe("a class key that is revoked", () => {
  it("takes the connections with it that it let in", async () => {
    const made = await newClass();
    const path = `/api/v1/classes/${made.class.id}/keys`;
    const bad = await read(
      await call(path, { token: made.admin, body: { scopes: ["mint"] } }),
      keyResponseSchema,
    );
    const lost = await newStudent({ ...made, key: bad.key });
    const kept = await newStudent(made);
    const [lostSocket, keptSocket] = [
      await studentSocket(live(made), lost.token),
      await studentSocket(live(made), kept.token),
    ];
    await call(`${path}/${bad.id}`, { method: "DELETE", token: made.admin });
    expect(await lostSocket.closed()).toBe(closeCodes.revoked);
    expect(keptSocket.closes).toEqual([]);
  });
});
