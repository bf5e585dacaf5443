import { classResponseSchema } from "@cell-monitor/protocol";
import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import * as v from "valibot";
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
  refusalOf,
  testEnv,
  type TestClass,
} from "../api.ts";
import { execute, rows } from "../database.ts";
import { studentSocket } from "../student.ts";

const path = (made: TestClass) => `/api/v1/classes/${made.class.id}`;
const put = (token: string, address: string, body: unknown, headers = {}) =>
  call(address, { method: "PUT", token, body, headers });

describe("a class", () => {
  it("is made with all that can be said of it", async () => {
    const settings = {
      description: "Weekly",
      capture_level: "errors",
      retention_days: 30,
      join_open: false,
      start_date: "2026-10-01",
      end_date: "2027-02-28",
      notebooks: ["stats/**/*.ipynb"],
      stuck_after_errors: 5,
      idle_after_ms: 60_000,
    };
    const made = await newClass(settings);
    expect(made.class).toMatchObject({ ...settings, is_active: true });
    const shown = await call(path(made), { token: made.admin });
    expect(shown.headers.get("etag")).toBe(`"${made.class.version}"`);
    expect(await read(shown, classResponseSchema)).toEqual(made.class);
  });

  it("keeps what a change doesn't name, and takes null for what can be left empty", async () => {
    const made = await newClass({ description: "Weekly", stuck_after_errors: 5 });
    const { token } = await newInstructor(made);
    const renamed = await read(await put(token, path(made), { name: "Statistics II" }), classResponseSchema);
    expect(renamed).toMatchObject({ name: "Statistics II", description: "Weekly", stuck_after_errors: 5 });
    const emptied = await read(await put(token, path(made), { description: null }), classResponseSchema);
    expect(emptied).toMatchObject({ name: "Statistics II", description: null });
  });

  it("stays as it is where a change names nothing", async () => {
    const made = await newClass();
    const unchanged = await put(made.admin, path(made), {});
    expect(await read(unchanged, classResponseSchema)).toEqual(made.class);
  });

  it("is changed by one of two who read the same version", async () => {
    const made = await newClass();
    const headers = { "if-match": `"${made.class.version}"` };
    expect((await put(made.admin, path(made), { name: "First" }, headers)).status).toBe(200);
    expect(await codeOf(await put(made.admin, path(made), { name: "Second" }, headers))).toBe(
      "precondition_failed",
    );
  });

  it("has a code that no other has", async () => {
    const [one, other] = [await newClass(), await newClass()];
    const body = { name: "Copy", class_code: one.class.class_code };
    const created = await refusalOf(await call("/api/v1/classes", { token: one.admin, body }));
    expect(created).toMatchObject({ code: "conflict", details: [{ field: "class_code" }] });
    const moved = await put(one.admin, path(other), { class_code: one.class.class_code });
    expect(await codeOf(moved)).toBe("conflict");
  });

  it.for([
    [{ colour: "red" }, "colour"],
    [{ capture_level: "everything" }, "capture_level"],
    [{ retention_days: 0 }, "retention_days"],
    [{ start_date: "2026-02-30" }, "start_date"],
    [{ start_date: "2026-10-01", end_date: "2026-09-01" }, "end_date"],
    [{ notebooks: [""] }, "notebooks.0"],
    [{ join_code: "MINE" }, "join_code"],
    [{ name: "\u200b" }, "name"],
  ] as const)("is not changed by %j, and the answer says why", async ([body, field]) => {
    const made = await newClass();
    const refused = await refusalOf(await put(made.admin, path(made), body));
    expect(refused).toMatchObject({ code: "invalid_body", details: [{ field }] });
    expect(await read(await call(path(made), { token: made.admin }), classResponseSchema)).toEqual(
      made.class,
    );
  });

  it("collects from then on what its new level allows", async () => {
    const made = await newClass({ capture_level: "code" });
    const student = await newStudent(made);
    const run = (eventType: string, code: string) =>
      newEvent({ eventType, code, executionId: crypto.randomUUID(), cellId: "a" });
    await post(student.token, [run("cell_execution_start", "before")]);
    expect((await put(made.admin, path(made), { capture_level: "activity" })).status).toBe(200);
    await post(student.token, [run("cell_execution_start", "after")]);
    const codes = await storedCodes(made.class.id);
    expect(codes).toContain("before");
    expect(codes).not.toContain("after");
  });

  it("lets nobody join who comes when it is closed, or over", async () => {
    const made = await newClass();
    const join = () => call("/api/v1/auth/join", { body: { joinCode: made.class.join_code, name: "Grace" } });
    expect((await join()).status).toBe(200);
    await put(made.admin, path(made), { join_open: false });
    expect(await codeOf(await join())).toBe("forbidden");
    await put(made.admin, path(made), { join_open: true, is_active: false });
    expect(await codeOf(await join())).toBe("class_not_found");
  });
});

/** The class's log as text. */
function storedCodes(classId: string): Promise<string> {
  return runInDurableObject(env.CLASSROOM.getByName(classId), (_, { storage: { sql } }) => {
    const tables = sql
      .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE name GLOB 'log_[0-9]*'")
      .toArray();
    return tables
      .flatMap(({ name }) => sql.exec<{ body: string }>(`SELECT body FROM ${name}`).toArray())
      .map(({ body }) => body)
      .join("\n");
  });
}

describe("the list of classes", () => {
  const listSchema = v.array(classResponseSchema);

  it("shows an instructor their own", async () => {
    const [made, other] = [await newClass(), await newClass()];
    const { token } = await newInstructor(made);
    const listed = await call("/api/v1/classes", { token });
    expect(listed.headers.get("x-total-count")).toBe("1");
    expect((await read(listed, listSchema)).map(({ id }) => id)).toEqual([made.class.id]);
    expect(await codeOf(await call(path(other), { token }))).toBe("class_not_found");
    expect(await codeOf(await put(token, path(other), { name: "Mine" }))).toBe("class_not_found");
  });

  it("shows a student their own, without the code that opens it", async () => {
    const made = await newClass();
    const { token } = await newStudent(made);
    const [own] = await read(await call("/api/v1/classes", { token }), listSchema);
    expect(own).toMatchObject({ id: made.class.id, join_code: null });
    expect(await codeOf(await put(token, path(made), { name: "Mine" }))).toBe("forbidden");
  });

  it("is cut and filtered as asked, and says how long the whole is", async () => {
    const made = await newClass();
    await newClass();
    await put(made.admin, path(made), { is_active: false });
    const page = await call("/api/v1/classes?skip=1&limit=1", { token: made.admin });
    expect(Number(page.headers.get("x-total-count"))).toBeGreaterThan(1);
    expect(await read(page, listSchema)).toHaveLength(1);
    const address = `/api/v1/classes?is_active=false&class_code=${made.class.class_code}`;
    const ended = await read(await call(address, { token: made.admin }), listSchema);
    expect(ended.map(({ id }) => id)).toEqual([made.class.id]);
    for (const wrong of ["limit=0", "limit=201", "skip=-1", "is_active=yes"]) {
      expect(await codeOf(await call(`/api/v1/classes?${wrong}`, { token: made.admin }))).toBe(
        "invalid_body",
      );
    }
  });
});

describe("removing a class", () => {
  const remove = (made: TestClass, headers = {}) =>
    call(path(made), { method: "DELETE", token: made.admin, headers });

  it("answers what it was, and leaves nothing of it", async () => {
    const made = await newClass();
    const student = await newStudent(made);
    await post(student.token, [newEvent()]);
    const { socket, closed } = await studentSocket(`/api/v1/live/${made.class.id}`, student.token);
    const removed = await read(await remove(made), classResponseSchema);
    expect(removed).toMatchObject({ id: made.class.id, class_code: made.class.class_code });
    expect(await closed()).toBe(4403);
    socket.close();
    expect(await codeOf(await call(path(made), { token: made.admin }))).toBe("class_not_found");
    expect(await codeOf(await remove(made))).toBe("class_not_found");
    const refused = await codeOf(await call("/api/v1/events", { token: student.token, body: [newEvent()] }));
    expect(["class_not_found", "token_revoked"]).toContain(refused);
    const left = await runInDurableObject(env.CLASSROOM.getByName(made.class.id), (_, { storage }) =>
      storage.getAlarm(),
    );
    expect(left).toBe(null);
    expect(await storedCodes(made.class.id)).toBe("");
  });

  it("takes away however much was recorded, and nothing of other classes or of who is in them", async () => {
    const [made, other] = [await newClass(), await newClass()];
    const [gone, shared] = [crypto.randomUUID(), crypto.randomUUID()];
    await execute("INSERT INTO students (id, name) VALUES ($1, 'Gone'), ($2, 'Shared')", [gone, shared]);
    await execute("INSERT INTO student_classes (class_id, student_id) VALUES ($1, $3), ($1, $4), ($2, $4)", [
      made.class.id,
      other.class.id,
      gone,
      shared,
    ]);
    await execute(
      `INSERT INTO progress_events (id, class_id, student_id, event_id, event_type, event_time, client_time, payload)
       SELECT gen_random_uuid(), CASE WHEN n > 1 THEN $1::uuid ELSE $2::uuid END, $3, n::text, 'activity', now(), now(), '{}'
       FROM generate_series(1, 20100) n`,
      [made.class.id, other.class.id, shared],
    );
    expect((await remove(made)).status).toBe(200);
    const [left] = await rows(
      `SELECT (SELECT count(*) FROM progress_events WHERE class_id = $1)::int AS gone,
         (SELECT count(*) FROM progress_events WHERE class_id = $2)::int AS kept,
         (SELECT array_agg(name) FROM students WHERE id IN ($3, $4)) AS students`,
      [made.class.id, other.class.id, gone, shared],
    );
    expect(left).toEqual({ gone: 0, kept: 1, students: ["Shared"] });
  });

  it("that was broken off lets nothing in, and goes on when asked for again", async () => {
    const made = await newClass();
    const student = await newStudent(made);
    await execute("UPDATE classes SET removing_since = now(), version = version + 1 WHERE id = $1", [
      made.class.id,
    ]);
    await testEnv().CLASSROOM.getByName(made.class.id).remove();
    expect(await codeOf(await call("/api/v1/events", { token: student.token, body: [newEvent()] }))).toBe(
      "class_not_found",
    );
    expect((await remove(made, { "if-match": `"${made.class.version}"` })).status).toBe(200);
    expect(await codeOf(await call(path(made), { token: made.admin }))).toBe("class_not_found");
  });

  it("is refused to who means another version", async () => {
    const made = await newClass();
    expect(await codeOf(await remove(made, { "if-match": '"999"' }))).toBe("precondition_failed");
    expect((await call(path(made), { token: made.admin })).status).toBe(200);
  });

  it("is refused to an instructor", async () => {
    const made = await newClass();
    const { token } = await newInstructor(made);
    expect(await codeOf(await call(path(made), { method: "DELETE", token }))).toBe("forbidden");
  });
});
