import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { call, codeOf, expectStillTaken, logged, newClass, newEvent, newStudent } from "./api.ts";
import { studentSocket } from "./student.ts";

afterEach(() => vi.restoreAllMocks());

/** A class whose database has no room left for what its stores lack. */
async function newFullClass() {
  const made = await newClass();
  const { token } = await newStudent(made);
  await runInDurableObject(env.CLASSROOM.getByName(made.class.id), (_, { storage }) => {
    vi.spyOn(storage.sql, "databaseSize", "get").mockReturnValue(9 * 1024 ** 3);
  });
  return { classId: made.class.id, token };
}

describe("while a class has no room", () => {
  it("events are answered 429 with the time to come again, nothing is taken, and the same is taken later", async () => {
    const { classId, token } = await newFullClass();
    const response = await call("/api/v1/events", { token, body: newEvent() });
    expect(response.status).toBe(429);
    expect(response.headers.get("retry-after")).toBe("30");
    expect(await codeOf(response)).toBe("backlog_full");
    expect(await logged(classId)).toEqual([]);
    vi.restoreAllMocks();
    vi.spyOn(Date, "now").mockReturnValue(Date.now() + 2_000);
    await expectStillTaken(classId, token);
  });

  it("a socket is told the same, and stays open", async () => {
    const { classId, token } = await newFullClass();
    const student = await studentSocket(`/api/v1/live/${classId}`, token);
    student.send("a", newEvent());
    expect(await student.next()).toMatchObject({
      type: "error",
      id: "a",
      code: "backlog_full",
      retryAfterMs: 30_000,
    });
    vi.restoreAllMocks();
    vi.spyOn(Date, "now").mockReturnValue(Date.now() + 2_000);
    student.send("b", newEvent());
    expect(await student.next()).toMatchObject({ type: "ack", ids: ["b"], accepted: 1 });
    student.socket.close(1000);
  });
});
