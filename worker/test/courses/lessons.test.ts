import { lessonResponseSchema, referenceResponseSchema } from "@cell-monitor/protocol";
import { createHash } from "node:crypto";
import * as v from "valibot";
import { beforeAll, describe, expect, it } from "vitest";
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
  type TestClass,
} from "../api.ts";
import { dashboardOn, upgrade } from "../watch.ts";

let made: TestClass;
let other: TestClass;
let token: string;

beforeAll(async () => {
  [made, other] = [await newClass(), await newClass()];
  token = (await newInstructor(made)).token;
});

const at = (id: string, rest = "") => `/api/v1/lessons/${id}${rest}`;

async function newLesson(fields: object = {}, of = { made, token }) {
  const body = { class_id: of.made.class.id, title: "Regression", ...fields };
  return read(await call("/api/v1/lessons", { token: of.token, body }), lessonResponseSchema);
}

async function step(id: string, name: string, bearer = token) {
  return read(await call(at(id, `/${name}`), { method: "POST", token: bearer }), lessonResponseSchema);
}

describe("a lesson", () => {
  it("is planned, read, changed in what is named, and removed", async () => {
    const planned = { planned_start: "2026-11-01T09:00:00+09:00", planned_end: "2026-11-01T10:30:00+09:00" };
    const lesson = await newLesson({ description: "Least squares", ...planned });
    expect(lesson).toMatchObject({
      state: "planned",
      planned_start: "2026-11-01T00:00:00.000Z",
      started_at: null,
      breaks: [],
      reference_size: null,
    });
    const renamed = await call(at(lesson.id), { method: "PUT", token, body: { title: "Fits" } });
    expect(await read(renamed, lessonResponseSchema)).toMatchObject({
      title: "Fits",
      description: "Least squares",
    });
    const removed = await call(at(lesson.id), { method: "DELETE", token });
    expect(await read(removed, lessonResponseSchema)).toMatchObject({ id: lesson.id, title: "Fits" });
    expect(await codeOf(await call(at(lesson.id), { token }))).toBe("not_found");
  });

  it("does not end before it starts", async () => {
    const body = {
      class_id: made.class.id,
      title: "Backwards",
      planned_start: "2026-11-01T10:00:00Z",
      planned_end: "2026-11-01T09:00:00Z",
    };
    const refused = await refusalOf(await call("/api/v1/lessons", { token, body }));
    expect(refused).toMatchObject({ code: "invalid_body", details: [{ field: "planned_end" }] });
  });

  it("is started, broken off, resumed and stopped, and each step can be repeated", async () => {
    const { id } = await newLesson();
    expect(await codeOf(await call(at(id, "/stop"), { method: "POST", token }))).toBe("conflict");
    const started = await step(id, "start");
    expect(started.state).toBe("going_on");
    expect(await step(id, "start")).toEqual(started);
    expect((await step(id, "break")).state).toBe("break");
    expect((await step(id, "break")).breaks).toHaveLength(1);
    const resumed = await step(id, "resume");
    expect(resumed).toMatchObject({ state: "going_on", breaks: [{ ended_at: expect.any(String) }] });
    await step(id, "break");
    const stopped = await step(id, "stop");
    expect(stopped.state).toBe("over");
    expect(stopped.breaks.map(({ ended_at }) => ended_at)).not.toContain(null);
    expect(await step(id, "stop")).toEqual(stopped);
    expect(await codeOf(await call(at(id, "/start"), { method: "POST", token }))).toBe("conflict");
  });

  it("is the only one of its class that goes on", async () => {
    const [one, two] = [await newLesson(), await newLesson()];
    await step(one.id, "start");
    expect(await codeOf(await call(at(two.id, "/start"), { method: "POST", token }))).toBe("conflict");
    await step(one.id, "stop");
    expect((await step(two.id, "start")).state).toBe("going_on");
    await step(two.id, "stop");
  });

  it("takes of a reference no id that cannot be stored", async () => {
    const { id } = await newLesson();
    const metadata = { nbgrader: { grade_id: "q\u00001" } };
    const cells = [{ cell_type: "code", id: "c\u0000", source: "1", metadata }];
    const body = { nbformat: 4, nbformat_minor: 5, metadata: {}, cells };
    const replaced = await call(at(id, "/reference"), { method: "PUT", token, body });
    const { cells: kept } = await read(replaced, referenceResponseSchema);
    expect(kept).toMatchObject([{ cell_id: null, grade_id: null }]);
  });

  it("is not to be seen or touched from another class", async () => {
    const { id } = await newLesson({}, { made: other, token: other.admin });
    expect(await codeOf(await call(at(id), { token }))).toBe("not_found");
    expect(await codeOf(await call(at(id), { method: "PUT", token, body: { title: "Mine" } }))).toBe(
      "not_found",
    );
    expect(await codeOf(await call(at(id), { method: "DELETE", token }))).toBe("not_found");
    expect(await codeOf(await call(at(id, "/start"), { method: "POST", token }))).toBe("not_found");
    expect(await codeOf(await call(at(id, "/reference"), { method: "DELETE", token }))).toBe("not_found");
    for (const class_id of [other.class.id, crypto.randomUUID()]) {
      const refused = await call("/api/v1/lessons", { token, body: { class_id, title: "Theirs" } });
      expect(await refusalOf(refused)).toMatchObject({
        code: "invalid_body",
        details: [{ field: "class_id" }],
      });
    }
    const listed = await call(`/api/v1/lessons?class_id=${other.class.id}`, { token });
    expect(await read(listed, v.array(lessonResponseSchema))).toEqual([]);
  });

  it("may be looked at by a student, and no more", async () => {
    const { id } = await newLesson();
    const student = await newStudent(made);
    expect((await call(at(id), { token: student.token })).status).toBe(200);
    expect(await codeOf(await call(at(id, "/start"), { method: "POST", token: student.token }))).toBe(
      "forbidden",
    );
    expect(await codeOf(await call(at(id, "/reference"), { token: student.token }))).toBe("forbidden");
  });
});

const cell = (source: string | string[], metadata: object = {}, fields: object = {}) => ({
  cell_type: "code",
  id: crypto.randomUUID().slice(0, 8),
  source,
  metadata,
  outputs: [],
  execution_count: null,
  ...fields,
});
const notebook = (...cells: object[]) => ({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells });

async function setReference(id: string, body: unknown) {
  const response = await call(at(id, "/reference?notebook=fit.ipynb"), { method: "PUT", token, body });
  return read(response, referenceResponseSchema);
}

describe("a reference notebook", () => {
  it("becomes the ids, hashes and roles of its cells of code", async () => {
    const { id } = await newLesson();
    const nbgrader = (fields: object) => ({
      nbgrader: { schema_version: 3, grade: false, solution: false, locked: false, ...fields },
    });
    const sent = notebook(
      { cell_type: "markdown", id: "m", source: "# Fit", metadata: {} },
      cell(["import numpy\n", "\n"]),
      cell("fit = ...", nbgrader({ grade_id: "fit", solution: true })),
      cell("assert fit", nbgrader({ grade_id: "fit-test", grade: true, locked: true })),
      cell("more", { tags: ["optional"] }),
      cell("1 / 0", { tags: ["raises-exception", "exercise"] }),
    );
    const reference = await setReference(id, sent);
    expect(reference).toMatchObject({ lesson_id: id, notebook: "fit.ipynb", left_out: 0 });
    expect(reference.cells.map(({ index, grade_id, role }) => [index, grade_id, role])).toEqual([
      [1, null, "scaffold"],
      [2, "fit", "exercise"],
      [3, "fit-test", "check"],
      [4, null, "optional"],
      [5, null, "expected_error"],
    ]);
    expect(reference.cells[0]?.source_hash).toBe(
      createHash("sha256").update("import numpy").digest("hex").slice(0, 16),
    );
    const shown = await read(await call(at(id, "/reference"), { token }), referenceResponseSchema);
    expect(shown).toEqual(reference);
  });

  it("without any mark is all exercises", async () => {
    const { id } = await newLesson();
    const { cells } = await setReference(id, notebook(cell("a"), cell("b")));
    expect(cells.map(({ role }) => role)).toEqual(["exercise", "exercise"]);
  });

  it("longer than a lesson can refer to is cut, which the answer says", async () => {
    const { id } = await newLesson();
    const reference = await setReference(
      id,
      notebook(...Array.from({ length: 503 }, (_, index) => cell(`${index}`))),
    );
    expect(reference.cells).toHaveLength(500);
    expect(reference.left_out).toBe(3);
  });

  it.for([
    [{ nbformat: 3, nbformat_minor: 0, worksheets: [] }, "nbformat"],
    [{ nbformat: 4, nbformat_minor: 5 }, "cells"],
    [notebook({ cell_type: "code", source: 1, metadata: {} }), "cells.0.source"],
  ] as const)("that is none is refused by its field: %#", async ([body, field]) => {
    const { id } = await newLesson();
    const refused = await call(at(id, "/reference"), { method: "PUT", token, body });
    const { code, details } = await refusalOf(refused);
    expect(code).toBe("invalid_body");
    expect(details).toContainEqual(expect.objectContaining({ field }));
  });

  it("is forgotten when asked", async () => {
    const { id } = await newLesson();
    await setReference(id, notebook(cell("a")));
    await call(at(id, "/reference"), { method: "DELETE", token });
    expect(await codeOf(await call(at(id, "/reference"), { token }))).toBe("not_found");
  });
});

it("what students do is counted in the lesson that goes on, by the cells of its reference", async () => {
  const { id } = await newLesson({ title: "Live" });
  await setReference(id, notebook(cell("x = 1", { tags: ["exercise"] }, { id: "cell-a" })));
  await step(id, "start");
  const student = await newStudent(made);
  const executionId = crypto.randomUUID();
  const run = { executionId, cellId: "cell-a", cellIndex: 0, cellType: "code", notebookPath: "fit.ipynb" };
  await post(student.token, [
    newEvent({ eventType: "cell_execution_start", ...run }),
    newEvent({ eventType: "cell_execution_complete", status: "ok", ...run }),
  ]);
  const { next, socket } = dashboardOn(await upgrade(`/api/v1/live/${made.class.id}`, token));
  const first = await next();
  const entities = first.type === "snapshot" ? first.entities : [];
  socket.close();
  expect(entities.find(({ kind }) => kind === "lesson")?.data).toMatchObject({
    kind: "lesson",
    lessonId: id,
    title: "Live",
    referenceCells: 1,
  });
  expect(entities).toContainEqual(
    expect.objectContaining({
      kind: "cell",
      data: expect.objectContaining({ place: 0, role: "exercise", reached: 1 }),
    }),
  );
});
