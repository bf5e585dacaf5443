import { activitySchema, classStudentSchema } from "@cell-monitor/protocol";
import { neon } from "@neondatabase/serverless";
import * as v from "valibot";
import { beforeAll, describe, expect, it } from "vitest";
import { call, codeOf, read, testEnv } from "../api.ts";
import { type History, minute, newHistory } from "./history.ts";

let history: History;
beforeAll(async () => {
  history = await newHistory();
});

const get = (path: string, token = history.token) => call(`${history.root}${path}`, { token });
const students = async (token?: string, query = "") =>
  read(await get(`/students?${query}`, token), v.array(classStudentSchema));
const activity = async (studentId: string, token?: string, query = "") =>
  read(await get(`/students/${studentId}/activity?${query}`, token), v.array(activitySchema));

describe("the students of a class", () => {
  it("come by name with what they did", async () => {
    expect(await students()).toMatchObject([
      { name: "Ann", runs: 3, errors: 1, cells_done: 2, help_requests: 0, last_activity_at: minute(3) },
      { name: "Bob", runs: 3, errors: 2, cells_done: 1, help_requests: 1, last_activity_at: minute(63) },
    ]);
  });

  it("come page by page, and by section", async () => {
    const page = await get("/students?skip=1&limit=1");
    expect(page.headers.get("x-total-count")).toBe("2");
    const [bob] = await read(page, v.array(classStudentSchema));
    expect(bob?.name).toBe("Bob");
    expect(await students(undefined, `section_id=${bob?.section_id}`)).toMatchObject([{ name: "Bob" }]);
  });

  it("are to a teaching assistant those of their sections", async () => {
    expect(await students(history.ta)).toMatchObject([{ name: "Ann" }]);
  });

  it("have for a researcher neither names nor ids", async () => {
    const seen = await students(history.researcher);
    expect(seen).toHaveLength(2);
    const text = JSON.stringify(seen);
    for (const telling of ["Ann", "Bob", history.ann, history.bob]) expect(text).not.toContain(telling);
  });
});

describe("what a student did", () => {
  it("comes the latest first, page by page", async () => {
    const all = await activity(history.ann);
    expect(all.map(({ at, kind, what }) => [at, kind, what])).toEqual([
      [minute(3), "event", "checkin"],
      [minute(2), "run", "ok"],
      [minute(1), "run", "error"],
      [minute(0), "run", "ok"],
      [minute(-1), "notebook", "open"],
    ]);
    expect(all[2]).toMatchObject({ notebook: "week1.ipynb", cell_id: "c2", error_name: "NameError" });
    expect(await activity(history.ann, undefined, "skip=1&limit=2")).toEqual(all.slice(1, 3));
    const some = await get(`/students/${history.ann}/activity?from=${minute(1)}&to=${minute(3)}&limit=1`);
    expect(some.headers.get("x-total-count")).toBe("2");
  });

  it("is the student's own to see, and no other student's", async () => {
    const token = await history.tokenOf(history.ann);
    expect(await activity(history.ann, token)).toHaveLength(5);
    expect(await codeOf(await get(`/students/${history.bob}/activity`, token))).toBe("not_found");
  });

  it("is nothing yet for who has only just come", async () => {
    const id = crypto.randomUUID();
    expect(await activity(id, await history.tokenOf(id))).toEqual([]);
    expect(await codeOf(await get(`/students/${id}/activity`))).toBe("not_found");
  });

  it("is not for a teaching assistant of other sections", async () => {
    expect(await activity(history.ann, history.ta)).toHaveLength(5);
    expect(await codeOf(await get(`/students/${history.bob}/activity`, history.ta))).toBe("not_found");
  });

  it("is found by researchers under the pseudonym alone, and without what the kernel said", async () => {
    const [one] = await students(history.researcher);
    const seen = await activity(one?.student_id ?? "", history.researcher);
    expect(seen.length).toBeGreaterThan(0);
    expect(JSON.stringify(seen)).not.toMatch(/NameError of/);
    expect(await codeOf(await get(`/students/${history.ann}/activity`, history.researcher))).toBe(
      "not_found",
    );
    expect(await codeOf(await get(`/students/${"0".repeat(16)}/activity`, history.researcher))).toBe(
      "not_found",
    );
  });

  it("is noted when somebody else looks", async () => {
    const other = await newHistory();
    const path = `${other.root}/students/${other.ann}/activity`;
    await call(path, { token: await other.tokenOf(other.ann) });
    await call(path, { token: other.token });
    const noted = await neon(testEnv().DATABASE_URL ?? "").query(
      "SELECT action, actor_role FROM audit_log WHERE student_id = $1",
      [other.ann],
    );
    expect(noted).toEqual([{ action: "looked_at_activity", actor_role: "instructor" }]);
  });
});
