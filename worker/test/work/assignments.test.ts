import { assignmentResponseSchema, notebookResponseSchema } from "@cell-monitor/protocol";
import * as v from "valibot";
import { beforeAll, describe, expect, it } from "vitest";
import { call, codeOf, newStudent, read, refusalOf } from "../api.ts";
import { execute } from "../database.ts";
import { type Course, newAssignment, newCourse, newNotebook } from "./work.ts";

let course: Course;
let other: Course;

beforeAll(async () => {
  [course, other] = [await newCourse(), await newCourse()];
});

const listOf = async (path: string, token: string) => {
  const response = await call(path, { token });
  const rows = v.parse(v.array(v.object({ id: v.string() })), await response.clone().json());
  return { ids: rows.map(({ id }) => id), total: response.headers.get("x-total-count") };
};

describe("a notebook", () => {
  it("named before anybody opened it has the id that events will give it, and a name", async () => {
    const notebook = await newNotebook(course, "week1/intro.ipynb");
    expect(notebook).toMatchObject({ name: "intro.ipynb", path: "week1/intro.ipynb", version: 1 });
    const { token } = await newStudent(course.made);
    const event = {
      eventId: crypto.randomUUID(),
      eventType: "notebook_open",
      eventTime: new Date().toISOString(),
      notebookPath: "week1/intro.ipynb",
    };
    expect((await call("/api/v1/events", { token, body: event })).status).toBe(200);
    const again = { class_id: course.made.class.id, path: "week1/intro.ipynb" };
    const refused = await refusalOf(await call("/api/v1/notebooks", { token: course.token, body: again }));
    expect(refused).toMatchObject({ code: "conflict", details: [{ field: "path" }] });
  });

  it("is renamed by who teaches its class, and removed by an admin alone", async () => {
    const { id } = await newNotebook(course);
    const path = `/api/v1/notebooks/${id}`;
    const renamed = await call(path, { method: "PUT", token: course.token, body: { name: "Intro" } });
    expect(await read(renamed, notebookResponseSchema)).toMatchObject({ name: "Intro", version: 2 });
    expect(await codeOf(await call(path, { method: "DELETE", token: course.token }))).toBe("forbidden");
    expect((await call(path, { method: "DELETE", token: course.made.admin })).status).toBe(200);
    expect(await codeOf(await call(path, { token: course.token }))).toBe("not_found");
  });

  it("of another class is not there", async () => {
    const { id } = await newNotebook(other);
    const path = `/api/v1/notebooks/${id}`;
    for (const method of ["GET", "PUT"]) {
      const init = { method, token: course.token, ...(method === "PUT" && { body: {} }) };
      expect(await codeOf(await call(path, init))).toBe("not_found");
    }
  });
});

describe("an assignment", () => {
  it("is given, listed by its class with the next due first, read by its students, and taken back", async () => {
    const mine = await newCourse();
    const later = await newAssignment(mine, { title: "Later", due_date: "2027-02-01T00:00:00Z" });
    const sooner = await newAssignment(mine, {
      title: "Sooner",
      due_date: "2027-01-01T09:00:00+09:00",
      points: 10,
    });
    expect(sooner).toMatchObject({ due_date: "2027-01-01T00:00:00.000Z", points: 10, description: null });
    const student = await newStudent(mine.made);
    for (const token of [mine.token, student.token, mine.made.admin]) {
      const path = `/api/v1/assignments?class_id=${mine.made.class.id}`;
      expect(await listOf(path, token)).toEqual({ ids: [sooner.id, later.id], total: "2" });
    }
    expect((await listOf("/api/v1/assignments?limit=1&skip=1", student.token)).ids).toEqual([later.id]);
    const removed = await call(`/api/v1/assignments/${later.id}`, { method: "DELETE", token: mine.token });
    expect(await read(removed, assignmentResponseSchema)).toEqual(later);
  });

  it("of a class or a notebook that is not there, or not the asker's, is refused by the field's name", async () => {
    const notebook = await newNotebook(course);
    const foreign = await newNotebook(other);
    const own = { class_id: course.made.class.id, notebook_id: notebook.id, title: "x" };
    const wrong: [string, object][] = [
      ["class_id", { ...own, class_id: crypto.randomUUID() }],
      ["class_id", { ...own, class_id: other.made.class.id, notebook_id: foreign.id }],
      ["notebook_id", { ...own, notebook_id: crypto.randomUUID() }],
      ["notebook_id", { ...own, notebook_id: foreign.id }],
    ];
    for (const [field, body] of wrong) {
      const refused = await refusalOf(await call("/api/v1/assignments", { token: course.token, body }));
      expect(refused).toMatchObject({ code: "invalid_body", details: [{ field }] });
    }
  });

  it("that two people change at once is changed by the first, and the second is told", async () => {
    const { id } = await newAssignment(course);
    const path = `/api/v1/assignments/${id}`;
    const etag = (await call(path, { token: course.token })).headers.get("etag") ?? "";
    expect(etag).toBe('"1"');
    const change = (title: string) =>
      call(path, { method: "PUT", token: course.token, body: { title }, headers: { "if-match": etag } });
    const first = await change("First");
    expect(first.headers.get("etag")).toBe('"2"');
    expect(await codeOf(await change("Second"))).toBe("precondition_failed");
    expect(await read(await call(path, { token: course.token }), assignmentResponseSchema)).toMatchObject({
      title: "First",
    });
  });

  it("is changed in what is named alone; nothing named changes nothing, and what it does not have is refused", async () => {
    const given = await newAssignment(course, { description: "Read first", points: 5 });
    const path = `/api/v1/assignments/${given.id}`;
    const put = (body: object) => call(path, { method: "PUT", token: course.token, body });
    expect(await read(await put({}), assignmentResponseSchema)).toEqual(given);
    const cleared = await read(await put({ description: null }), assignmentResponseSchema);
    expect(cleared).toMatchObject({ description: null, points: 5, title: "Week 1" });
    const refused = await refusalOf(await put({ class_id: other.made.class.id }));
    expect(refused).toMatchObject({ code: "invalid_body", details: [{ field: "class_id" }] });
  });

  it("is no more to who lost the class", async () => {
    const { id } = await newAssignment(course);
    const student = await newStudent(course.made);
    expect((await call(`/api/v1/assignments/${id}`, { token: student.token })).status).toBe(200);
    await execute(
      `INSERT INTO revocations (class_id, subject, revoked_before) VALUES ($1, $2, now() + interval '1 second')`,
      [course.made.class.id, student.studentId],
    );
    expect(await codeOf(await call(`/api/v1/assignments/${id}`, { token: student.token }))).toBe(
      "token_revoked",
    );
  });
});
